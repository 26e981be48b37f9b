import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  fitsP01,
  mapP01Status,
  P01Checker,
  P01Protector,
  type P01Config,
  type P01DataIdMode,
} from './e2e-p01.js'
import { E2eMisconfigured, E2eWrongLength } from './e2e-status.js'

const config: P01Config = {
  dataId: 0x123,
  dataIdMode: 'both',
  dataLength: 8,
  crcOffset: 0,
  counterOffset: 8,
}
const modeConfig = (dataIdMode: P01DataIdMode): P01Config => ({
  ...config,
  dataIdMode,
  ...(dataIdMode === 'nibble' ? { dataIdNibbleOffset: 12 } : {}),
})
const tolerance = { maxDeltaCounter: 3, maxNoNewOrRepeatedData: 2, syncCounterInit: 1 }
const hex = (data: Uint8Array) => Buffer.from(data).toString('hex')

/** The data with the counters 0, 1, 2 … in that order. */
function counted(count: number, of: P01Config = config): Uint8Array[] {
  const protector = new P01Protector(of)
  return Array.from({ length: count }, () => {
    const data = new Uint8Array(8)
    protector.protect(data)
    return data
  })
}
const CYCLE = counted(15)
const at = (counter: number) => CYCLE[counter % 15] as Uint8Array

/** Statuses of counters in a row; `undefined` is a cycle without data. */
function statuses(counters: readonly (number | undefined)[], changes: Partial<typeof tolerance> = {}) {
  const checker = new P01Checker(config, { ...tolerance, ...changes })
  return counters.map((counter) => checker.check(counter === undefined ? undefined : at(counter)))
}

// As the Python package autosar-e2e, which wraps a C implementation, has them in its tests (also facts of AUTOSAR's
// SWS E2E Library): data ID 0x123, 8 bytes of 0, counters 0 and 1.
for (const [mode, first, second] of [
  ['both', 'cc00000000000000', '9101000000000000'],
  ['alt', 'ce00000000000000', '0201000000000000'],
  ['low', 'ce00000000000000', '9301000000000000'],
  ['nibble', '2a10000000000000', '7711000000000000'],
] as const) {
  test(`the published data of the mode ${mode} come out, and pass`, () => {
    const [zero, one] = counted(2, modeConfig(mode)).map(hex)
    assert.deepEqual([zero, one], [first, second])
    assert.ok(fitsP01(modeConfig(mode), Buffer.from(first, 'hex')))
  })
}

for (const [mode, wrong] of [
  ['both', 'cc10000000000000'],
  ['alt', 'ce10000000000000'],
  ['low', '9311000000000000'],
  ['nibble', '7721000000000000'],
] as const) {
  test(`the published wrong data of the mode ${mode} do not pass`, () => {
    assert.ok(!fitsP01(modeConfig(mode), Buffer.from(wrong, 'hex')))
  })
}

test('in the mode nibble a right CRC with another nibble is another data ID', () => {
  const [data] = counted(1, { ...modeConfig('nibble'), dataId: 0x223 })
  assert.equal(new P01Checker(modeConfig('nibble'), tolerance).check(data), 'wrong-crc')
})

test('the CRC and the counter can be anywhere, and other bits stay', () => {
  const data = Uint8Array.of(0xff, 0xff, 0xff)
  const elsewhere = { ...config, dataLength: 3, crcOffset: 16, counterOffset: 4 }
  const protector = new P01Protector(elsewhere)
  protector.protect(data)
  protector.protect(data)
  assert.deepEqual([data[0], data[1]], [0x1f, 0xff])
  assert.ok(fitsP01(elsewhere, data))
})

test('the counter runs from 0 to 14 and round again', () => {
  const counters = counted(17).map((data) => (data[1] as number) & 0xf)
  assert.deepEqual(counters, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0, 1])
})

test('the first data are initial, whatever their counter; those after them are ok', () => {
  assert.deepEqual(statuses([9, 10, 11]), ['initial', 'ok', 'ok'])
  assert.deepEqual(statuses([14, 15, 16]), ['initial', 'ok', 'ok'])
})

test('a gap that is tolerated is told with its size', () => {
  const checker = new P01Checker(config, tolerance)
  checker.check(at(0))
  assert.equal(checker.check(at(3)), 'ok-some-lost')
  assert.equal(checker.lostData, 2)
})

test('a gap that is too large is a wrong sequence, after which the counter must prove itself', () => {
  assert.deepEqual(statuses([0, 7, 8, 9, 10]), ['initial', 'wrong-sequence', 'sync', 'ok', 'ok'])
})

test('without a sync counter a wrong sequence leaves the last valid counter where it was', () => {
  assert.deepEqual(statuses([0, 7, 1], { syncCounterInit: 0 }), ['initial', 'wrong-sequence', 'ok'])
})

test('the step that is tolerated grows by one with every cycle without data', () => {
  assert.deepEqual(statuses([0, undefined, undefined, 5]), [
    'initial',
    'no-new-data',
    'no-new-data',
    'ok-some-lost',
  ])
  assert.equal(statuses([0, undefined, 6]).at(-1), 'wrong-sequence')
})

test('a repeated counter is told, and a long row of them needs a sync after it', () => {
  assert.deepEqual(statuses([4, 4, 4, 5]), ['initial', 'repeated', 'repeated', 'ok'])
  assert.deepEqual(statuses([4, 4, 4, 4, 5, 6, 7]), [
    'initial',
    'repeated',
    'repeated',
    'repeated',
    'sync',
    'sync',
    'ok',
  ])
})

test('each flipped bit is a wrong CRC and moves nothing', () => {
  const checker = new P01Checker(config, tolerance)
  checker.check(at(0))
  for (let bit = 0; bit < 64; bit++) {
    const data = at(1).slice()
    data[bit >> 3] = (data[bit >> 3] as number) ^ (1 << (bit & 7))
    assert.equal(checker.check(data), 'wrong-crc', `bit ${bit}`)
  }
  assert.equal(checker.check(at(1)), 'ok')
})

test('another data ID and another length are a wrong CRC', () => {
  const checker = new P01Checker({ ...config, dataId: 0x124 }, tolerance)
  assert.equal(checker.check(at(0)), 'wrong-crc')
  assert.equal(checker.check(at(0).subarray(0, 7)), 'wrong-crc')
})

test('a counter of 15 is an input error, even with its CRC', () => {
  const data = Uint8Array.of(0, 15, 0, 0, 0, 0, 0, 0)
  const crc = Array.from({ length: 256 }, (_, candidate) => candidate).find((candidate) => {
    data[0] = candidate
    return fitsP01(config, data)
  })
  assert.ok(crc !== undefined)
  data[0] = crc
  assert.equal(new P01Checker(config, tolerance).check(data), 'invalid-counter')
})

test('the statuses map as release 4.2 has it', () => {
  const mapped = (
    [
      'ok',
      'ok-some-lost',
      'sync',
      'initial',
      'wrong-crc',
      'repeated',
      'wrong-sequence',
      'no-new-data',
    ] as const
  ).map(mapP01Status)
  assert.deepEqual(mapped, [
    'ok',
    'ok',
    'ok',
    'wrong-sequence',
    'error',
    'repeated',
    'wrong-sequence',
    'no-new-data',
  ])
})

for (const [what, changes] of [
  ['a data ID of 17 bits', { dataId: 0x10000 }],
  ['a CRC across two bytes', { crcOffset: 4 }],
  ['a CRC behind the end', { crcOffset: 64 }],
  ['a counter inside the CRC', { counterOffset: 4 }],
  ['a counter off the nibbles', { counterOffset: 10 }],
  ['no place for the nibble', { dataIdMode: 'nibble' }],
  ['a nibble on the counter', { dataIdMode: 'nibble', dataIdNibbleOffset: 8 }],
  ['more than 30 bytes', { dataLength: 31 }],
] as const) {
  test(`${what} is refused`, () => {
    assert.throws(() => new P01Protector({ ...config, ...changes }), E2eMisconfigured)
  })
}

test('tolerances out of range and data of another length are refused', () => {
  assert.throws(() => new P01Checker(config, { ...tolerance, maxDeltaCounter: 15 }), E2eMisconfigured)
  assert.throws(() => new P01Protector(config).protect(new Uint8Array(7)), E2eWrongLength)
})
