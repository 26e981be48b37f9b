import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { crc15, frameBits } from './frame-bits.js'

test('the CRC is CRC-15/CAN: its catalogued check value is 0x059E', () => {
  const bits = [...Buffer.from('123456789')].flatMap((byte) =>
    [...Array(8).keys()].map((i) => (byte >> (7 - i)) & 1),
  )
  assert.equal(crc15(bits), 0x059e)
})

test('a frame of nothing but dominant bits: 34 stuffed bits hold six stuff bits', () => {
  assert.equal(frameBits({ id: 0, extended: false, data: new Uint8Array(0) }), 34 + 6 + 13)
})

test('an extended frame is 20 bits longer before stuffing', () => {
  // Dominant up to SRR and IDE, then dominant again, but for the CRC that these two bits give.
  const bits = frameBits({ id: 0, extended: true, data: new Uint8Array(0) })
  assert.ok(bits >= 67 && bits <= 67 + 13, String(bits))
})

test('a remote frame carries its length but no data', () => {
  const remote = frameBits({
    id: 0x555,
    extended: false,
    data: new Uint8Array(0),
    remote: true,
    remoteLength: 8,
  })
  assert.ok(remote >= 47 && remote <= 47 + 8, String(remote))
})

test('8 bytes take 111 bits without and at most 135 with stuffing', () => {
  let longest = 0
  fc.assert(
    fc.property(fc.nat(0x7ff), fc.uint8Array({ minLength: 8, maxLength: 8 }), (id, data) => {
      const bits = frameBits({ id, extended: false, data })
      longest = Math.max(longest, bits)
      assert.ok(bits >= 111 && bits <= 135)
    }),
  )
  assert.ok(longest > 111)
})
