import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeIsoTpFrame, encodeIsoTpFrame, type IsoTpFlowControl, type IsoTpFrame } from './iso-tp-frame.js'
import { counting, hex } from './test-iso-tp.js'

const bytes = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))

/** A frame's data of a length, with these bytes in front. */
const long = (head: string, length: number) => {
  const data = new Uint8Array(length).fill(0x55)
  data.set(bytes(head))
  return data
}

const kindOf = (data: Uint8Array, addressBytes: 0 | 1 = 0) => {
  const frame = decodeIsoTpFrame(data, addressBytes)
  if (frame?.kind === 'single') return `single ${frame.data.length}`
  if (frame?.kind === 'first') return `first ${frame.length} with ${frame.data.length}`
  return frame?.kind
}

test('a single frame of up to 8 bytes is padded to 8, or as short as its payload', () => {
  assert.equal(kindOf(bytes('01 aa')), 'single 1')
  assert.equal(kindOf(bytes('07 00 01 02 03 04 05 06')), 'single 7')
  assert.equal(kindOf(bytes('02 aa bb cc cc cc cc cc')), 'single 2')
  assert.equal(kindOf(bytes('02 aa bb cc')), undefined, 'neither padded to 8 nor short')
  assert.equal(kindOf(bytes('02 aa')), undefined, 'payload missing')
  assert.equal(kindOf(bytes('00 aa aa aa aa aa aa aa')), undefined, 'no payload')
  assert.equal(kindOf(bytes('08 00 01 02 03 04 05 06')), undefined, 'more than the frame holds')
})

test('with an address byte in front a single frame holds one byte less', () => {
  assert.equal(kindOf(bytes('f1 06 00 01 02 03 04 05'), 1), 'single 6')
  assert.equal(kindOf(bytes('f1 07 00 01 02 03 04 05'), 1), undefined)
  assert.equal(kindOf(bytes('f1 01 00'), 1), 'single 1')
  assert.equal(kindOf(bytes('f1'), 1), undefined)
})

/** ISO 15765-2:2016, table 14: SF_DL that each length of an FD frame may have. */
const FD_SINGLE: readonly [canDl: number, normal: [number, number], withAddress: [number, number]][] = [
  [12, [8, 10], [7, 9]],
  [16, [11, 14], [10, 13]],
  [20, [15, 18], [14, 17]],
  [24, [19, 22], [18, 21]],
  [32, [23, 30], [22, 29]],
  [48, [31, 46], [30, 45]],
  [64, [47, 62], [46, 61]],
]

for (const [canDl, normal, withAddress] of FD_SINGLE) {
  test(`a single frame of ${canDl} bytes has ${normal.join('…')} of payload, ${withAddress.join('…')} with an address byte`, () => {
    for (const [addressBytes, [least, most]] of [[0, normal] as const, [1, withAddress] as const]) {
      const front = addressBytes ? 'f1' : ''
      for (let length = 0; length <= 64; length++) {
        const data = long(`${front} 00 ${length.toString(16).padStart(2, '0')}`, canDl)
        const expected = length >= least && length <= most ? `single ${length}` : undefined
        assert.equal(kindOf(data, addressBytes), expected, `SF_DL ${length}`)
      }
      assert.equal(kindOf(long(`${front} 07`, canDl), addressBytes), undefined, 'length without the escape')
    }
  })
}

test('a first frame announces more than a single frame of its length would hold', () => {
  assert.equal(kindOf(bytes('10 07 00 01 02 03 04 05')), undefined)
  assert.equal(kindOf(bytes('10 08 00 01 02 03 04 05')), 'first 8 with 6')
  assert.equal(kindOf(bytes('f1 10 06 00 01 02 03 04'), 1), undefined)
  assert.equal(kindOf(bytes('f1 10 07 00 01 02 03 04'), 1), 'first 7 with 5')
  for (const canDl of FD_SINGLE.map(([length]) => length)) {
    const announcing = (length: number) => long(`10 ${length.toString(16).padStart(2, '0')}`, canDl)
    assert.equal(kindOf(announcing(canDl - 2)), undefined, `${canDl}`)
    assert.equal(kindOf(announcing(canDl - 1)), `first ${canDl - 1} with ${canDl - 2}`)
    const mixed = (length: number) => long(`f1 10 ${length.toString(16).padStart(2, '0')}`, canDl)
    assert.equal(kindOf(mixed(canDl - 3), 1), undefined, `${canDl}`)
    assert.equal(kindOf(mixed(canDl - 2), 1), `first ${canDl - 2} with ${canDl - 3}`)
  }
})

test('a first frame shorter than 8 bytes is none', () => {
  assert.equal(kindOf(bytes('10 14 00 01 02 03 04')), undefined)
  assert.equal(kindOf(bytes('10')), undefined)
})

test('the escape is for lengths above 4095 only, and reads all 32 bits', () => {
  assert.equal(kindOf(bytes('10 00 00 00 0f ff aa aa')), undefined)
  assert.equal(kindOf(bytes('10 00 00 00 10 00 aa aa')), 'first 4096 with 2')
  assert.equal(kindOf(bytes('10 00 ff ff ff ff aa aa')), 'first 4294967295 with 2')
  assert.equal(kindOf(bytes('f1 10 00 00 01 00 00 aa'), 1), 'first 65536 with 1')
  assert.equal(kindOf(bytes('1f ff 00 01 02 03 04 05')), 'first 4095 with 6')
})

test('lengths above 4095 are sent with the escape', () => {
  const first = (length: number): IsoTpFrame => ({
    kind: 'first',
    length,
    data: Uint8Array.of(0xaa, 0xbb),
    frameBytes: 8,
  })
  assert.equal(hex(encodeIsoTpFrame(first(4_096), undefined)), '100000001000aabb')
  assert.equal(hex(encodeIsoTpFrame(first(0xffff_fffe), undefined)), '1000fffffffeaabb')
})

test('what is no frame of ISO-TP, or lacks bytes, reads as nothing', () => {
  for (const text of ['', '20', '30', '30 00', '40 00 00', 'ff']) assert.equal(kindOf(bytes(text)), undefined)
  for (const text of ['f1', 'f1 21', 'f1 30 00']) assert.equal(kindOf(bytes(text), 1), undefined)
  assert.equal(kindOf(new Uint8Array(9).fill(0x21)), undefined, 'no CAN frame has 9 bytes')
})

/** ISO 15765-2:2016, table 20: STmin. */
const SEPARATIONS: readonly [byte: number, us: number][] = [
  [0x00, 0],
  [0x01, 1_000],
  [0x7f, 127_000],
  [0x80, 127_000],
  [0xf0, 127_000],
  [0xf1, 100],
  [0xf9, 900],
  [0xfa, 127_000],
  [0xff, 127_000],
]

for (const [byte, separationUs] of SEPARATIONS) {
  test(`STmin 0x${byte.toString(16)} means ${separationUs} µs`, () => {
    const frame = decodeIsoTpFrame(Uint8Array.of(0x30, 0, byte))
    assert.deepEqual(frame, { kind: 'flow-control', status: 0, blockSize: 0, separationUs })
  })
}

test('an STmin that does not exist is asked for as the next longer one', () => {
  const sent = (separationUs: number) => {
    const flow: IsoTpFlowControl = { kind: 'flow-control', status: 0, blockSize: 0, separationUs }
    return encodeIsoTpFrame(flow, undefined)[2]
  }
  const expected = [
    [0, 0],
    [1, 0xf1],
    [100, 0xf1],
    [101, 0xf2],
    [900, 0xf9],
    [901, 1],
    [1_000, 1],
    [1_001, 2],
    [127_000, 127],
  ]
  for (const [us, byte] of expected) assert.equal(sent(us as number), byte, `${us} µs`)
})

test('FD frames are filled up to the next length that exists, with or without padding', () => {
  const single = (length: number, padding: number | undefined, address: number[] = []) =>
    hex(encodeIsoTpFrame({ kind: 'single', data: counting(length) }, padding, address))
  assert.equal(single(7, undefined), '0700010203040506')
  assert.equal(single(3, undefined), '03000102')
  assert.equal(single(3, 0), '0300010200000000')
  assert.equal(single(8, undefined), '00080001020304050607cccc')
  assert.equal(single(8, 0x55), '000800010203040506075555')
  assert.equal(single(7, undefined, [0xf1]), 'f1000700010203040506cccc')
  assert.equal(single(11, 0xaa).length / 2, 16)
  assert.equal(single(62, 0xaa).length / 2, 64)
})
