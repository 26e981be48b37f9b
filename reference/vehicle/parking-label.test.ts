import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeParkingLabel, encodeParkingLabel, MalformedParkingLabel } from './parking-label.js'

test('a Chinese label takes three bytes a character, after bay and header, whose first three bytes are the protection’s', () => {
  const payload = encodeParkingLabel({ planSequence: 7, bayId: 'B-17', label: '车位' })
  assert.equal(Buffer.from(payload).toString('hex'), '000000020704422d3137e8bda6e4bd8d')
})

test('every label comes back', () => {
  const labels = fc.record(
    {
      planSequence: fc.integer({ min: 1, max: 255 }),
      bayId: fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/),
      label: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 10 }),
    },
    { noNullPrototype: true },
  )
  fc.assert(
    fc.property(labels, (label) => assert.deepEqual(decodeParkingLabel(encodeParkingLabel(label)), label)),
  )
})

for (const [what, hex] of [
  ['an empty payload', ''],
  ['a header alone', '000000020100'],
  ['another version', '000000010104422d3137e8bda6'],
  ['sequence 0', '000000020004422d3137e8bda6'],
  ['a character that was cut', '000000020704422d3137e8bd'],
  ['a bay longer than the payload', '000000020740422d3137'],
  ['a bay that is no identifier', '000000020704422f3137e8bda6'],
  ['no label', '000000020704422d3137'],
] as const) {
  test(`${what} is refused`, () => {
    assert.throws(() => decodeParkingLabel(new Uint8Array(Buffer.from(hex, 'hex'))), MalformedParkingLabel)
  })
}

test('what cannot be a label is not sent', () => {
  const label = { planSequence: 1, bayId: 'B-17', label: '车位' }
  for (const changes of [
    { planSequence: 0 },
    { planSequence: 256 },
    { bayId: '' },
    { label: '' },
    { label: '车'.repeat(86) },
  ]) {
    assert.throws(() => encodeParkingLabel({ ...label, ...changes }), MalformedParkingLabel)
  }
})
