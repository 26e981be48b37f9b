import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { contractFile } from '../contracts/contract-document.js'
import { parkingBus } from '../contracts/parking-bus.js'
import { updateCrc8 } from './e2e-crc.js'
import { e2eProtection, openE2eChecker, openE2eProtector, type E2eProtection } from './e2e-protection.js'
import { E2eInspector } from './e2e-inspection.js'
import { E2eMisconfigured } from './e2e-status.js'
import { dbcMessage } from './dbc-model.js'
import { parseDbc } from './dbc-parser.js'

const CONTRACT = readFileSync(contractFile('parking.dbc'), 'utf8')
const { protections } = parkingBus
const of = (name: string) => protections.find(({ message }) => message === name) as E2eProtection
const INFO = of('ParkingPlanInfo')
const LATITUDE = of('ParkingPlanLatitude')
const LONGITUDE = of('ParkingPlanLongitude')

function frames(protection: E2eProtection, count: number, length = 8): Uint8Array[] {
  const protector = openE2eProtector(protection)
  return Array.from({ length: count }, (_, i) => {
    const data = new Uint8Array(length).fill(i + 1)
    protector.protect(data)
    return data
  })
}

test('every message that carries a plan is protected, as the DBC file says', () => {
  assert.deepEqual(
    protections.map(({ message, profile }) => [message, profile.name]),
    [
      ['ParkingPlanLatitude', 'P05'],
      ['ParkingPlanLongitude', 'P05'],
      ['ParkingUnlockProgress', 'P01'],
      ['ParkingPlanInfo', 'P01'],
      ['HeadUnitAck', 'P01'],
      ['ParkingLabelTransport', 'P05'],
    ],
  )
  assert.equal(e2eProtection(parkingBus.labelFlowControl), undefined)
})

test('the data IDs differ, and those of P01 in their CRC too: no message passes for another', () => {
  const ids = protections.map(({ profile }) => profile.config.dataId)
  assert.equal(new Set(ids).size, ids.length)
  const ofP01 = protections.filter(({ profile }) => profile.name === 'P01')
  const crcs = ofP01.map(({ profile: { config } }) =>
    updateCrc8(0, [config.dataId & 0xff, config.dataId >> 8]),
  )
  assert.equal(new Set(crcs).size, ofP01.length)
})

for (const [what, from, to] of [
  ['a data ID of 17 bits', '"E2EDataId" BO_ 1059 19508', '"E2EDataId" BO_ 1059 70000'],
  ['a profile that does not exist', '"E2EProfile" BO_ 1059 1', '"E2EProfile" BO_ 1059 7'],
  [
    'a CRC of the wrong length',
    'SG_ E2eCrc : 0|8@1+ (1,0) [0|255] "" HEAD_UNIT\n SG_ AliveCounter : 8|4@1+ (1,0) [0|14] "" HEAD_UNIT\n SG_ PlanState',
    'SG_ E2eCrc : 0|7@1+ (1,0) [0|255] "" HEAD_UNIT\n SG_ AliveCounter : 8|4@1+ (1,0) [0|14] "" HEAD_UNIT\n SG_ PlanState',
  ],
  ['an attribute without a value', 'BA_DEF_DEF_ "E2EMaxDeltaCounter" 3;', ''],
  ['a window that is too small', '"E2ESmWindowSizeValid" 3', '"E2ESmWindowSizeValid" 2'],
] as const) {
  test(`a DBC file with ${what} makes no protection`, () => {
    assert.ok(CONTRACT.includes(from))
    const info = dbcMessage(parseDbc(CONTRACT.replace(from, to)), 'ParkingPlanInfo')
    assert.throws(() => e2eProtection(info), E2eMisconfigured)
  })
}

for (const protection of [INFO, LATITUDE]) {
  test(`${protection.message}: what one end protects the other end accepts`, () => {
    const check = openE2eChecker(protection)
    const statuses = frames(protection, 4).map((data) => check(data).status)
    assert.deepEqual(statuses.slice(1), ['ok', 'ok', 'ok'])
  })

  test(`${protection.message}: each kind of fault has its own name`, () => {
    const inspector = new E2eInspector(protection, protections)
    const [first, second, third, , , sixth, , , , , twelfth] = frames(protection, 11) as [
      Uint8Array,
      ...Uint8Array[],
    ]
    assert.equal(inspector.inspect(first).first, true)
    const flipped = (second as Uint8Array).slice()
    flipped[7] = (flipped[7] as number) ^ 0x10
    assert.equal(inspector.inspect(flipped).fault, 'corrupt')
    assert.equal(inspector.inspect(second).fault, undefined)
    const faults = [second, second, second, second].map((data) => inspector.inspect(data).fault)
    assert.deepEqual(faults, ['repeated', 'repeated', 'stuck-counter', undefined])
    assert.equal(inspector.inspect(third).fault, undefined)
    assert.deepEqual(inspector.inspect(sixth), {
      status: 'ok',
      first: false,
      fault: 'lost',
      detail: { lost: 2 },
    })
    assert.equal(inspector.inspect(twelfth).fault, 'wrong-sequence')
    assert.equal(inspector.inspect(undefined).fault, 'late')
  })
}

test('data that are another message’s are told from corrupt ones, and whose they are', () => {
  const inspector = new E2eInspector(LATITUDE, protections)
  const [foreign] = frames(LONGITUDE, 1)
  assert.deepEqual(inspector.inspect(foreign), {
    status: 'error',
    first: false,
    fault: 'masquerade',
    detail: { dataOf: 'ParkingPlanLongitude' },
  })
  const [info] = frames(INFO, 1)
  assert.equal(inspector.inspect(info).detail?.dataOf, 'ParkingPlanInfo')
})
