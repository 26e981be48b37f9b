import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crc16CcittFalse, crc8SaeJ1850, updateCrc16, updateCrc8 } from './e2e-crc.js'

const CHECK = Buffer.from('123456789', 'ascii')

test('the catalogue’s check values come out', () => {
  assert.equal(crc8SaeJ1850(CHECK), 0x4b)
  assert.equal(crc16CcittFalse(CHECK), 0x29b1)
})

// AUTOSAR, Specification of CRC Routines: the tables of example data of CRC8 and CRC16.
for (const [hex, crc8, crc16] of [
  ['00000000', 0x59, 0x84c0],
  ['f20183', 0x37, 0xd374],
  ['0faa0055', 0x79, 0x2023],
  ['00ff5511', 0xb8, 0xb8f9],
  ['332255aabbccddeeff', 0xcb, 0xf53f],
  ['926b55', 0x8c, 0x0745],
  ['ffffffff', 0x74, 0x1d0f],
] as const) {
  test(`AUTOSAR’s example data ${hex} give its CRCs`, () => {
    const data = Buffer.from(hex, 'hex')
    assert.equal(crc8SaeJ1850(data), crc8)
    assert.equal(crc16CcittFalse(data), crc16)
  })
}

test('a CRC over pieces is the CRC over the whole', () => {
  const [head, tail] = [CHECK.subarray(0, 4), CHECK.subarray(4)]
  assert.equal(updateCrc8(updateCrc8(0, head), tail), updateCrc8(0, CHECK))
  assert.equal(updateCrc16(updateCrc16(0xffff, head), tail), 0x29b1)
})
