import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { GUEST_TEMPORARY, guestMarks, jobScript, quotedCommand } from './guest-job.js'

test('a command survives the shell, whatever is in it', () => {
  const command = ['printf', '%s|', "it's", '$HOME', '"; exit 9', 'two words', '*']
  const printed = execFileSync('sh', ['-c', quotedCommand(command)], { encoding: 'utf8' })
  assert.equal(printed, 'it\'s|$HOME|"; exit 9|two words|*|')
})

test('the script tells that the job began, what it printed, and how it ended', (t) => {
  const marks = guestMarks('nonce')
  const folder = mkdtempSync(join(tmpdir(), 'guest-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const script = jobScript(
    {
      command: ['sh', '-c', 'echo "$GREETING from $PWD"; exit 7'],
      folder: '/',
      environment: { GREETING: "it's me" },
      writable: [],
      setUp: ['false'],
    },
    marks,
  )
  // What would switch the machine off, and what sets up the guest's network, is left out.
  const harmless = script
    .split('\n')
    .filter((line) => !/sysrq|^sleep|^ip |rmem/.test(line))
    .join('\n')
    .replaceAll(GUEST_TEMPORARY, folder)
  const lines = execFileSync('sh', ['-c', harmless], { encoding: 'utf8' }).trim().split('\n')
  assert.deepEqual(lines, [
    'lockstep: the guest could not: false',
    marks.started,
    "it's me from /",
    `${marks.ended}7.`,
  ])
})
