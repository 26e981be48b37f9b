import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CanFrame } from '../../../reference/ports/can-bus.js'
import { arbitrationValue, bitsToCollision, contentOrder } from './arbitration.js'

const frame = (id: number, changes: Partial<CanFrame> = {}): CanFrame => ({
  ...{ id, extended: false, data: new Uint8Array(0) },
  ...changes,
})
const bytes = (...data: number[]) => ({ data: Uint8Array.from(data) })

test('a base frame beats its remote request, and that an extended frame of the same first 11 bits', () => {
  const extended = 0x123 << 18
  const values = [
    frame(0x122, { remote: true }),
    frame(0x123),
    frame(0x123, { remote: true }),
    frame(extended, { extended: true }),
    frame(extended, { extended: true, remote: true }),
    frame(extended + 1, { extended: true }),
    frame(0x124),
  ].map(arbitrationValue)
  const sorted = [...new Set(values)].sort((x, y) => x - y)
  assert.deepEqual(values, sorted)
})

test('an FD frame has no remote request: it wins against one, and no less than a data frame does', () => {
  const fd = arbitrationValue(frame(0x123, { fd: true }))
  assert.equal(fd, arbitrationValue(frame(0x123)))
  assert.ok(fd < arbitrationValue(frame(0x123, { remote: true })))
})

test('behind the identifier, the first bit that differs decides: FDF, BRS, ESI, length, data', () => {
  const rising = [
    frame(1, bytes(0xff)),
    frame(1, bytes(0x00, 0x00)),
    frame(1, bytes(0x00, 0x01)),
    frame(1, bytes(0x80, 0x00)),
    frame(1, { fd: true }),
    frame(1, { fd: true, errorStateIndicator: true }),
    frame(1, { fd: true, bitrateSwitch: true }),
  ]
  for (const [i, lower] of rising.entries()) {
    assert.equal(contentOrder(lower, { ...lower }), 0)
    for (const higher of rising.slice(i + 1)) {
      assert.ok(contentOrder(lower, higher) < 0 && contentOrder(higher, lower) > 0)
    }
  }
})

test('senders notice each other after the header, or in the byte that differs', () => {
  assert.equal(bitsToCollision(frame(1, bytes(1)), frame(1, bytes(1, 2))), 19)
  assert.equal(bitsToCollision(frame(1, bytes(1, 2)), frame(1, bytes(1, 3))), 19 + 16)
  const extended = { extended: true }
  assert.equal(
    bitsToCollision(frame(1, { ...bytes(1), ...extended }), frame(1, { ...bytes(2), ...extended })),
    47,
  )
})
