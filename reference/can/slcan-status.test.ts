import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SLCAN_LOSS, slcanErrorFrame, slcanStatusOf } from './slcan-status.js'

const told = (flags: number, before = 0) => {
  const frame = slcanErrorFrame(flags, before)
  return frame && { errorClass: frame.errorClass, controller: frame.data[1] }
}

test('each flag becomes the error frame that Linux has for it', () => {
  assert.equal(told(0x00), undefined)
  assert.deepEqual(told(0x01), { errorClass: 0x04, controller: 0x01 })
  assert.deepEqual(told(0x02), { errorClass: 0x04, controller: 0x02 })
  assert.deepEqual(told(0x04), { errorClass: 0x04, controller: 0x0c })
  assert.deepEqual(told(0x08), { errorClass: 0x04, controller: 0x01 })
  assert.deepEqual(told(0x20), { errorClass: 0x04, controller: 0x30 })
  assert.deepEqual(told(0x40), { errorClass: 0x02, controller: 0 })
  assert.deepEqual(told(0x80), { errorClass: 0x80, controller: 0 })
  assert.deepEqual(told(0xa4), { errorClass: 0x84, controller: 0x30 })
  assert.equal(told(0x10), undefined, 'the bit that is not used')
})

test('a state is told when it comes and when it goes, an event each time', () => {
  assert.equal(told(0x20, 0x20), undefined)
  assert.deepEqual(told(0x00, 0x20), { errorClass: 0x04, controller: 0x40 })
  assert.deepEqual(told(0x80, 0x80), { errorClass: 0x80, controller: 0 })
})

test('the flags of lost frames are those of the queue and of the controller', () => {
  assert.equal(SLCAN_LOSS, 0x09)
})

test('what a controller reports comes through an adapter', () => {
  const data = (controller: number) => Uint8Array.of(0, controller, 0, 0, 0, 0, 0, 0)
  assert.equal(slcanStatusOf({ errorClass: 0x04, data: data(0x08) }), 0x04)
  assert.equal(slcanStatusOf({ errorClass: 0x04, data: data(0x10) }), 0x20)
  assert.equal(slcanStatusOf({ errorClass: 0x04, data: data(0x01) }), 0x08)
  assert.equal(slcanStatusOf({ errorClass: 0x02, data: data(0xff) }), 0x40)
  assert.equal(slcanStatusOf({ errorClass: 0x40, data: data(0) }), 0xa0)
  for (const errorClass of [0x80, 0x08, 0x20]) {
    assert.equal(slcanStatusOf({ errorClass, data: data(0) }), 0x80)
  }
})
