import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { CanFrame } from '../ports/can-bus.js'
import { crc15, frameBits, phaseBits } from './frame-bits.js'
import { bitsByBit, crcOfBits } from './fixtures/frame-bit-by-bit.js'

const frame = (changes: Partial<CanFrame>): CanFrame => ({
  id: 0,
  extended: false,
  data: new Uint8Array(0),
  ...changes,
})

test('the CRC is CRC-15/CAN: its catalogued check value is 0x059E', () => {
  const bytes = Buffer.from('123456789')
  assert.equal(crc15(bytes), 0x059e)
  const bits = [...bytes].flatMap((byte) => [...Array(8).keys()].map((i) => (byte >> (7 - i)) & 1))
  assert.equal(crcOfBits(bits), 0x059e)
})

test('a frame of nothing but dominant bits: 34 stuffed bits hold six stuff bits', () => {
  assert.equal(frameBits(frame({})), 34 + 6 + 13)
})

test('a remote frame carries its length but no data', () => {
  const bits = frameBits(frame({ id: 0x555, remote: true, remoteLength: 8 }))
  assert.ok(bits >= 47 && bits <= 47 + 8, String(bits))
})

test('8 bytes take 111 bits without and at most 135 with stuffing', () => {
  let longest = 0
  fc.assert(
    fc.property(fc.nat(0x7ff), fc.uint8Array({ minLength: 8, maxLength: 8 }), (id, data) => {
      const bits = frameBits(frame({ id, data }))
      longest = Math.max(longest, bits)
      assert.ok(bits >= 111 && bits <= 135)
    }),
  )
  assert.ok(longest > 111)
})

test('an FD frame without stuffing has the bits of its fields', () => {
  // No run of five: 0x2D5 = 01011010101; 0x55 alternates.
  const data = new Uint8Array(16).fill(0x55)
  const short = frame({ id: 0x2d5, fd: true, data })
  // SOF 1, id 11, RRS, IDE, FDF, res, BRS 5, ESI 1, DLC 4; CRC field 27; delimiter 1; ACK 2, EOF 7, intermission 3.
  assert.deepEqual(phaseBits(short), { nominal: 22 + 128 + 28 + 12, data: 0 })
  assert.deepEqual(phaseBits({ ...short, bitrateSwitch: true }), { nominal: 17 + 12, data: 5 + 128 + 28 })
  const long = { ...short, data: new Uint8Array(20).fill(0x55), bitrateSwitch: true }
  assert.deepEqual(phaseBits(long), { nominal: 17 + 12, data: 5 + 160 + 33 })
})

test('a run of five that ends with the data of an FD frame is stuffed once, by the fixed stuff bit', () => {
  const endingIn = (byte: number) => frameBits(frame({ id: 0x2d5, fd: true, data: Uint8Array.of(byte) }))
  assert.equal(endingIn(0b1010_0000), endingIn(0b1010_1010))
  assert.equal(endingIn(0b1000_0010), endingIn(0b1010_1010) + 1)
})

const FD_LENGTHS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 48, 64]
/** Half of the bytes make long runs. */
const byte = fc.oneof(fc.nat(255), fc.constantFrom(0, 0xff, 0x1f, 0xf8, 0x07, 0xe0))
const bytes = (length: number) =>
  fc.array(byte, { minLength: length, maxLength: length }).map((drawn) => Uint8Array.from(drawn))
const head = fc.oneof(
  fc.record({ id: fc.oneof(fc.nat(0x7ff), fc.constantFrom(0, 0x7ff)), extended: fc.constant(false) }),
  fc.record({
    id: fc.oneof(fc.nat(0x1fffffff), fc.constantFrom(0, 0x1fffffff)),
    extended: fc.constant(true),
  }),
)
const classic = fc.tuple(head, fc.nat(8).chain(bytes)).map(([drawn, data]): CanFrame => ({ ...drawn, data }))
const remote = fc
  .tuple(head, fc.nat(8))
  .map(([drawn, remoteLength]): CanFrame => frame({ ...drawn, remote: true, remoteLength }))
const rawDlc = fc
  .tuple(head, bytes(8), fc.integer({ min: 9, max: 15 }))
  .map(([drawn, data, code]): CanFrame => ({ ...drawn, data, rawDlc: code }))
const fd = fc
  .tuple(head, fc.constantFrom(...FD_LENGTHS).chain(bytes), fc.boolean(), fc.boolean())
  .map(([drawn, data, bitrateSwitch, errorStateIndicator]): CanFrame => ({
    ...drawn,
    data,
    fd: true,
    bitrateSwitch,
    errorStateIndicator,
  }))

for (const [kind, frames] of Object.entries({ classic, remote, rawDlc, fd })) {
  test(`${kind} frames are as long as their bits laid out one by one`, (t) => {
    fc.assert(
      fc.property(frames, (drawn) => assert.deepEqual(phaseBits(drawn), bitsByBit(drawn))),
      { numRuns: 3_000, seed: 11_898 },
    )
    t.diagnostic('3,000 frames')
  })
}
