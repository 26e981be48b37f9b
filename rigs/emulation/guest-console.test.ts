import assert from 'node:assert/strict'
import { test } from 'node:test'
import { followGuest, GuestFailed } from './guest-console.js'

const DEADLINE_MS = 20_000

/** A shell that plays the guest: what the kernel prints, the job, and the end. */
const guest =
  (script: string) =>
  ({ started, ended }: { started: string; ended: string }): [string, ...string[]] => [
    'sh',
    '-c',
    script.replaceAll('STARTED', started).replaceAll('ENDED', ended),
  ]

test('what the job prints is passed on, and its exit code is told', async () => {
  const printed: string[] = []
  const outcome = await followGuest(
    'a guest',
    guest(
      'echo kernel noise; echo STARTED; echo one; echo two; echo "ENDED7.[   12.8] sysrq: Power Off"; echo "Power down"',
    ),
    DEADLINE_MS,
    (line) => printed.push(line),
  )
  assert.equal(outcome.exitCode, 7)
  assert.deepEqual(printed, ['one', 'two'])
})

test('a guest that ends without a word is a fault, with its last lines', async () => {
  await assert.rejects(
    followGuest(
      'a guest',
      guest('echo STARTED; echo panic; echo why >&2; exit 0'),
      DEADLINE_MS,
      () => undefined,
    ),
    (error) =>
      error instanceof GuestFailed &&
      /ended \(0\) without saying/.test(error.message) &&
      /panic/.test(error.message) &&
      /why/.test(error.message),
  )
})

test('a guest that does not end is killed, with all that it started', async () => {
  await assert.rejects(
    followGuest('a guest', guest('echo STARTED; sleep 1000 & wait'), 200, () => undefined),
    (error) => error instanceof GuestFailed && /did not end within 0.2 s/.test(error.message),
  )
})
