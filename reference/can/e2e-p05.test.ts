import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fitsP05, mapP05Status, P05Checker, P05Protector, type P05Config } from './e2e-p05.js'
import { E2eMisconfigured, E2eWrongLength } from './e2e-status.js'

const config: P05Config = { dataId: 0x1234, dataLength: 8, headerOffset: 0 }
const hex = (data: Uint8Array) => Buffer.from(data).toString('hex')

function counted(count: number, of: P05Config = config): Uint8Array[] {
  const protector = new P05Protector(of)
  return Array.from({ length: count }, () => {
    const data = new Uint8Array(of.dataLength ?? 8)
    protector.protect(data)
    return data
  })
}
const CYCLE = counted(256)
const at = (counter: number) => CYCLE[counter % 256] as Uint8Array

function statuses(counters: readonly (number | undefined)[]) {
  const checker = new P05Checker(config, 3)
  return counters.map((counter) => checker.check(counter === undefined ? undefined : at(counter)))
}

// AUTOSAR's own example (PRS_E2EProtocol, "E2E Profile 5 Protocol Examples"): data ID 0x1234, counters 0 and 1, also
// in the tests of the Python package autosar-e2e.
test('AUTOSAR’s short example comes out', () => {
  assert.deepEqual(counted(2).map(hex), ['1cca000000000000', 'cf8d010000000000'])
})

test('AUTOSAR’s example with 8 bytes before the header comes out', () => {
  const long = { ...config, dataLength: 16, headerOffset: 64 }
  assert.deepEqual(counted(2, long).map(hex), [
    '00000000000000002891000000000000',
    '0000000000000000fbd6010000000000',
  ])
  assert.ok(fitsP05(long, counted(1, long)[0] as Uint8Array))
})

test('the published wrong data do not pass', () => {
  assert.ok(!fitsP05(config, Buffer.from('1cca010000000000', 'hex')))
})

test('the counter runs from 0 to 255 and round again', () => {
  const counters = counted(258).map((data) => data[2])
  assert.deepEqual(counters.slice(254), [254, 255, 0, 1])
})

test('a sender from its start is ok from its first data', () => {
  assert.deepEqual(statuses([0, 1, 2]), ['ok', 'ok', 'ok'])
  assert.deepEqual(statuses([254, 255, 256]), ['wrong-sequence', 'ok', 'ok'])
})

test('gaps, repetitions and silence are told', () => {
  const checker = new P05Checker(config, 3)
  checker.check(at(0))
  assert.equal(checker.check(at(3)), 'ok-some-lost')
  assert.equal(checker.lostData, 2)
  assert.equal(checker.check(at(3)), 'repeated')
  assert.equal(checker.check(undefined), 'no-new-data')
  assert.equal(checker.check(at(7)), 'wrong-sequence')
  assert.equal(checker.check(at(8)), 'ok')
})

test('a step back is a wrong sequence', () => {
  assert.deepEqual(statuses([0, 1, 0, 1]), ['ok', 'ok', 'wrong-sequence', 'ok'])
})

test('each flipped bit is an error and moves nothing', () => {
  const checker = new P05Checker(config, 3)
  checker.check(at(0))
  for (let bit = 0; bit < 64; bit++) {
    const data = at(1).slice()
    data[bit >> 3] = (data[bit >> 3] as number) ^ (1 << (bit & 7))
    assert.equal(checker.check(data), 'error', `bit ${bit}`)
  }
  assert.equal(checker.check(at(1)), 'ok')
})

test('another data ID and another length are errors', () => {
  const checker = new P05Checker({ ...config, dataId: 0x1235 }, 3)
  assert.equal(checker.check(at(0)), 'error')
  assert.equal(new P05Checker(config, 3).check(at(0).subarray(0, 7)), 'error')
})

test('data of varying length are protected as long as they are', () => {
  const varying = { ...config, dataLength: undefined }
  const [protector, checker] = [new P05Protector(varying), new P05Checker(varying, 3)]
  for (const length of [3, 40, 4096]) {
    const data = new Uint8Array(length).fill(7)
    protector.protect(data)
    assert.equal(checker.check(data), 'ok', `${length} bytes`)
    assert.equal(checker.check(data.subarray(0, -1)), 'error')
  }
  assert.equal(checker.check(new Uint8Array(2)), 'error')
  assert.throws(() => protector.protect(new Uint8Array(2)), E2eWrongLength)
})

test('the statuses map to those of the state machine', () => {
  assert.deepEqual(
    (['ok', 'ok-some-lost', 'error', 'repeated', 'wrong-sequence', 'no-new-data'] as const).map(mapP05Status),
    ['ok', 'ok', 'error', 'repeated', 'wrong-sequence', 'no-new-data'],
  )
})

for (const [what, changes] of [
  ['a data ID of 17 bits', { dataId: 0x10000 }],
  ['a header off the bytes', { headerOffset: 4 }],
  ['a header behind the end', { headerOffset: 48 }],
  ['two bytes', { dataLength: 2 }],
] as const) {
  test(`${what} is refused`, () => {
    assert.throws(() => new P05Protector({ ...config, ...changes }), E2eMisconfigured)
  })
}

test('a largest step of 0 or 255 is refused', () => {
  for (const step of [0, 255]) assert.throws(() => new P05Checker(config, step), E2eMisconfigured)
})
