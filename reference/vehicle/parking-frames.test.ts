import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canContractCheck } from '../can/can-contract-check.js'
import { parkingBus } from '../contracts/parking-bus.js'
import { wgs84 } from '../domain/coordinates.js'
import {
  ackFrame,
  infoFrame,
  MalformedParkingFrame,
  positionFrame,
  readParkingFrame,
} from './parking-frames.js'

const info = {
  walkMetres: 230,
  pricePerHourFen: 600,
  planSequence: 7,
  state: 'reserved',
  aliveCounter: 15,
} as const

test('a position keeps seven digits, south and west included', () => {
  for (const point of [wgs84(31.2304161, 121.4737019), wgs84(-90, -180), wgs84(90, 180)]) {
    assert.deepEqual(readParkingFrame(positionFrame(point)), { kind: 'position', point })
  }
})

test('info and acknowledgement come back as they were sent', () => {
  assert.deepEqual(readParkingFrame(infoFrame(info)), { kind: 'info', ...info })
  const ack = { planSequence: 255, shownState: 'refused', result: 'label-missing' } as const
  assert.deepEqual(readParkingFrame(ackFrame(ack)), { kind: 'ack', ...ack })
})

test('the bytes on the wire are those that the DBC file lays out', () => {
  assert.equal(Buffer.from(infoFrame(info).data).toString('hex'), 'e600580207f10000')
})

test('our own frames hold to the contract', () => {
  const check = canContractCheck(parkingBus.database, parkingBus.isoTpIds)
  assert.equal(check(infoFrame(info), 'T_BOX'), undefined)
  assert.equal(check(positionFrame(wgs84(90, -180)), 'T_BOX'), undefined)
  assert.equal(
    check(ackFrame({ planSequence: 1, shownState: 'parked', result: 'shown' }), 'HEAD_UNIT'),
    undefined,
  )
  assert.equal(check(infoFrame(info), 'HEAD_UNIT')?.breach, 'wrong-sender')
})

test('the cyclic messages state their cycle, the ISO-TP ids are told apart', () => {
  assert.equal(parkingBus.position.cycleTimeMs, 500)
  assert.equal(parkingBus.cycleMs, 500)
  assert.deepEqual(parkingBus.isoTpIds, [parkingBus.labelTransport.id, parkingBus.labelFlowControl.id])
})

for (const [what, frame] of [
  ['a state that does not exist', { ...infoFrame(info), data: Uint8Array.of(0, 0, 0, 0, 1, 0x0f, 0, 0) }],
  ['a latitude of 214 degrees', { ...positionFrame(wgs84(0, 0)), data: new Uint8Array(8).fill(0x7f) }],
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
