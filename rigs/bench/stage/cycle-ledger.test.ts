import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AckResult } from '../../../reference/vehicle/parking-frames.js'
import { CycleLedger } from './cycle-ledger.js'
import { NotShown } from './not-shown.js'

const DEADLINE_MS = 60_000

/** A ledger, the frames that it sees, and what a wait for two confirmed cycles comes to. */
function openLedger() {
  const ledger = new CycleLedger()
  return {
    ledger,
    sent: (...counters: number[]) => {
      for (const counter of counters) ledger.see({ kind: 'sent', planSequence: 1, counter })
    },
    answer: (counter: number, result: AckResult = 'shown', planSequence = 1) =>
      ledger.see({ kind: 'answer', planSequence, counter, result }),
    confirms: (count = 2) => {
      const seen = { now: 'open' }
      const settled = ledger.confirms(count, DEADLINE_MS).then(
        () => (seen.now = 'confirmed'),
        (error: unknown) => (seen.now = String(error)),
      )
      return {
        seen,
        settled,
        look: () => new Promise<string>((resolve) => setImmediate(() => resolve(seen.now))),
      }
    },
  }
}

test('cycles that are answered one after the other, or late but in order, are confirmed; counters go round', async () => {
  const { sent, answer, confirms } = openLedger()
  const wait = confirms(4)
  sent(13)
  answer(3)
  sent(14, 0)
  answer(4)
  answer(5)
  sent(1)
  assert.equal(await wait.look(), 'open')
  answer(6)
  assert.equal(await wait.look(), 'confirmed')
})

test('answers to cycles from before do not count', async () => {
  const { sent, answer, confirms } = openLedger()
  sent(0, 1)
  const wait = confirms(1)
  sent(2)
  answer(0, 'not-valid')
  answer(1)
  assert.equal(await wait.look(), 'open')
  answer(2)
  assert.equal(await wait.look(), 'confirmed')
})

test('a cycle without an answer stays open, however many come after it', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { sent, answer, confirms } = openLedger()
  const wait = confirms()
  sent(0, 1)
  for (let n = 0; n < 10; n++) {
    answer(n)
    sent(n + 2)
  }
  assert.equal(await wait.look(), 'open')
  t.mock.timers.tick(DEADLINE_MS)
  assert.match(
    await wait.look(),
    /NotShown: .*12 were sent, 10 of them confirmed; open are the counters 10, 11$/,
  )
})

for (const [what, disturb, complaint] of [
  ['a cycle that is missing', ({ sent }) => sent(2), /counter 2 comes in the place of 1/],
  ['an answer that is missing', ({ answer }) => answer(9), /counter 9 comes in the place of 6/],
  ['an answer to no cycle', ({ answer }) => answer(6), /counter 6 belongs to no cycle/],
  [
    'an answer to another plan',
    ({ sent, answer }) => (sent(1), answer(6, 'shown', 2)),
    /plan 1 is answered as plan 2/,
  ],
  [
    'a cycle that is not shown',
    ({ sent, answer }) => (sent(1), answer(6, 'not-valid')),
    /counter 1 is answered as not-valid/,
  ],
] as const satisfies readonly (readonly [string, (bus: ReturnType<typeof openLedger>) => void, RegExp])[]) {
  test(`${what} ends the wait at once, by name`, async () => {
    const bus = openLedger()
    const wait = bus.confirms()
    bus.sent(0)
    bus.answer(5)
    disturb(bus)
    assert.match(await wait.look(), complaint)
    await assert.doesNotReject(wait.settled)
  })
}

test('cycles that a fault kept from the head unit can be forgotten, whenever an answer that was on its way comes', async () => {
  for (const late of [false, true]) {
    const { ledger, sent, answer, confirms } = openLedger()
    sent(0, 1)
    ledger.forget()
    const wait = confirms(2)
    if (!late) answer(0)
    sent(2)
    if (late) answer(0)
    answer(1)
    assert.equal(await wait.look(), 'open')
    sent(3)
    answer(2)
    assert.equal(await wait.look(), 'confirmed')
  }
})

test('a wait that ends in vain is a named error', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const refused = assert.rejects(new CycleLedger().confirms(1, DEADLINE_MS), NotShown)
  t.mock.timers.tick(DEADLINE_MS)
  await refused
})
