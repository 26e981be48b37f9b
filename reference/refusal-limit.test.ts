import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limitRefusals } from './refusal-limit.js'

function limited() {
  const written: { event: string; fields: object }[] = []
  const time = { ms: 0 }
  const log = limitRefusals(
    { record: (event, fields = {}) => void written.push({ event, fields }) },
    () => time.ms,
  )
  const count = (event: string) => written.filter((entry) => entry.event === event).length
  return { log, written, time, count }
}

test('of one source and kind ten a minute are written, the others counted and reported', () => {
  const { log, written, time, count } = limited()
  for (let n = 0; n < 25; n++) log.record('push-refused', { source: '10.0.0.1', reason: 'too-old' })
  log.record('push-refused', { source: '10.0.0.2', reason: 'too-old' })
  log.record('push-refused', { source: '10.0.0.1', reason: 'signature-used' })
  assert.equal(count('push-refused'), 12)
  time.ms = 60_000
  log.record('push-refused', { source: '10.0.0.1', reason: 'too-old' })
  assert.deepEqual(written[12], {
    event: 'refusals-omitted',
    fields: {
      of: 'push-refused',
      count: 15,
      kinds: 3,
      most: [{ source: '10.0.0.1', kind: 'too-old', count: 15 }],
    },
  })
  assert.equal(count('push-refused'), 13)
})

test('of one event sixty a minute are written, from however many sources; other events are not hidden by them', () => {
  const { log, count, written } = limited()
  for (let n = 0; n < 20_000; n++) {
    log.record('request-refused', { source: `10.0.${n >> 8}.${n & 255}`, error: `e-${n}` })
  }
  log.record('webhook-failed', { reason: 'no answer' })
  for (let n = 0; n < 100; n++) log.record('reservation-held', {})
  log.end()
  assert.equal(count('request-refused'), 60)
  assert.equal(count('webhook-failed'), 1)
  assert.equal(count('reservation-held'), 100)
  const { most, ...omitted } = written.at(-1)?.fields as { most: object[] }
  assert.deepEqual(omitted, { of: 'request-refused', count: 19_940, kinds: 1_001 })
  assert.ok(most.length <= 5)
})

test('what a lock or a car repeats is limited by its name', () => {
  const { log, count } = limited()
  for (let n = 0; n < 50; n++) log.record('lock-event-repeated', { lockId: 'L-17', eventId: `${n}` })
  log.record('lock-event-repeated', { lockId: 'L-18', eventId: 'e' })
  for (let n = 0; n < 50; n++) log.record('alert', { lockId: 'L-17', kind: 'foreign-code' })
  assert.deepEqual([count('lock-event-repeated'), count('alert')], [11, 10])
})
