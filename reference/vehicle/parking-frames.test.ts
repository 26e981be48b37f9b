import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canContractCheck } from '../can/can-contract-check.js'
import { parkingBus } from '../contracts/parking-bus.js'
import type { CanFrame } from '../ports/can-bus.js'
import { FrameProtection } from './frame-protection.js'
import {
  ackFrame,
  infoFrame,
  latitudeFrame,
  longitudeFrame,
  MalformedParkingFrame,
  progressFrame,
  readParkingFrame,
  type HeadUnitAck,
  type PlanInfo,
} from './parking-frames.js'

const info: PlanInfo = {
  walkMetres: 230,
  etaMinutes: 3,
  pricePerHourFen: 600,
  planSequence: 7,
  state: 'reserved',
}
const ack: HeadUnitAck = {
  planSequence: 255,
  shownState: 'refused',
  shownStep: 'refused',
  result: 'not-valid',
}
const hex = ({ data }: CanFrame) => Buffer.from(data).toString('hex')

test('a coordinate keeps seven digits, south and west included', () => {
  for (const degrees of [31.2304161, -90, 90]) {
    const latitude = { planSequence: 1, degrees }
    assert.deepEqual(readParkingFrame(latitudeFrame(latitude)), { kind: 'latitude', ...latitude })
  }
  for (const degrees of [121.4737019, -180, 180]) {
    const longitude = { planSequence: 255, degrees }
    assert.deepEqual(readParkingFrame(longitudeFrame(longitude)), { kind: 'longitude', ...longitude })
  }
})

test('info, progress and acknowledgement come back as they were sent', () => {
  assert.deepEqual(readParkingFrame(infoFrame(info)), { kind: 'info', ...info })
  assert.deepEqual(readParkingFrame(ackFrame(ack)), { kind: 'ack', ...ack })
  const progress = { planSequence: 3, step: 'code-sent' } as const
  assert.deepEqual(readParkingFrame(progressFrame(progress)), { kind: 'progress', ...progress })
})

test('a walk of unknown time comes back without one, one of no time with 0', () => {
  const { etaMinutes: _, ...unknown } = info
  assert.deepEqual(readParkingFrame(infoFrame(unknown)), { kind: 'info', ...unknown })
  assert.deepEqual(readParkingFrame(infoFrame({ ...info, etaMinutes: 0 })), {
    kind: 'info',
    ...info,
    etaMinutes: 0,
  })
})

test('the bytes on the wire are those that the DBC file lays out', () => {
  assert.equal(hex(infoFrame(info)), '001007e600580203')
  assert.equal(hex(progressFrame({ planSequence: 7, step: 'code-sent' })), '002007')
  assert.equal(hex(latitudeFrame({ planSequence: 7, degrees: 31.2304161 })), '0000000721629d12')
  assert.equal(hex(ackFrame(ack)), '0050ff65')
})

test('our own frames hold to the contract', () => {
  const check = canContractCheck(parkingBus.database, parkingBus.isoTpIds, parkingBus.protections)
  const protection = new FrameProtection()
  for (const frame of [
    infoFrame(info),
    progressFrame({ planSequence: 7, step: 'ended' }),
    latitudeFrame({ planSequence: 7, degrees: 90 }),
    longitudeFrame({ planSequence: 7, degrees: -180 }),
  ]) {
    assert.equal(check(protection.protect(frame), 'T_BOX'), undefined)
  }
  assert.equal(check(protection.protect(ackFrame(ack)), 'HEAD_UNIT'), undefined)
  assert.equal(check(infoFrame(info), 'T_BOX')?.breach, 'wrong-crc')
  assert.equal(check(infoFrame(info), 'HEAD_UNIT')?.breach, 'wrong-sender')
})

for (const [what, frame] of [
  ['a state that does not exist', { ...infoFrame(info), data: Uint8Array.of(0, 0xf0, 1, 0, 0, 0, 0, 0) }],
  [
    'a latitude of 214 degrees',
    { ...latitudeFrame({ planSequence: 1, degrees: 0 }), data: new Uint8Array(8).fill(0x7f) },
  ],
  ['a frame that is too short', { ...infoFrame(info), data: Uint8Array.of(1, 2) }],
] as const) {
  test(`${what} is a named error`, () => {
    assert.throws(() => readParkingFrame(frame), MalformedParkingFrame)
  })
}

test('other frames are not for us', () => {
  assert.equal(readParkingFrame({ id: 0x7df, extended: false, data: new Uint8Array(8) }), undefined)
  assert.equal(readParkingFrame({ ...infoFrame(info), extended: true }), undefined)
  assert.equal(readParkingFrame({ id: 0x6a0, extended: false, data: new Uint8Array(8) }), undefined)
})
