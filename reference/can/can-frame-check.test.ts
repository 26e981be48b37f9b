import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MalformedCanFrame, type CanFrame } from '../ports/can-bus.js'
import { requireSendable } from './can-frame-check.js'

const frame = (changes: object) =>
  ({ id: 1, extended: false, data: new Uint8Array(2), ...changes }) as CanFrame

test('frames that a controller can send pass', () => {
  for (const changes of [
    {},
    { id: 0x7ff },
    { id: 0x1fffffff, extended: true },
    { data: new Uint8Array(0), remote: true, remoteLength: 8 },
    { data: new Uint8Array(64), fd: true },
  ]) {
    requireSendable(frame(changes))
  }
})

for (const [what, changes, message] of [
  ['an 11-bit id above 0x7FF', { id: 0x900 }, /is it extended\?/],
  ['an id above 29 bits', { id: 0x20000000, extended: true }, /29-bit/],
  ['a missing id', { id: undefined }, /undefined/],
  ['a string id', { id: '1' }, /11-bit/],
  ['a bigint id', { id: 1n }, /11-bit/],
  ['a fractional id', { id: 1.5 }, /11-bit/],
  ['a missing extended', { extended: undefined }, /extended/],
  ['nine bytes', { data: new Uint8Array(9) }, /9 bytes/],
  ['an array for data', { data: [1, 2] }, /Uint8Array/],
  ['a remote frame with data', { remote: true }, /no data/],
  ['a remote frame of CAN FD', { remote: true, fd: true, data: new Uint8Array(0) }, /no remote/],
  ['a remote length of 9', { remote: true, remoteLength: 9, data: new Uint8Array(0) }, /0…8/],
  ['an FD frame of 9 bytes', { fd: true, data: new Uint8Array(9) }, /FD frame/],
  ['a flag that is a number', { remote: 1 }, /true or false/],
] as const) {
  test(`${what} is refused`, () => {
    assert.throws(
      () => requireSendable(frame(changes)),
      (error) => error instanceof MalformedCanFrame && message.test(error.message),
    )
  })
}
