import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MalformedCanFrame, type CanFrame } from '../ports/can-bus.js'
import { ownFrame, requireSendable } from './can-frame-check.js'

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

test('the own frame is a copy of all fields and of nothing else', () => {
  const data = Uint8Array.of(1, 2)
  const given = { ...frame({ data, fd: true, bitrateSwitch: true, errorStateIndicator: false }), extra: 1 }
  const own = ownFrame(given)
  data[0] = 9
  assert.deepEqual(own, {
    ...{ id: 1, extended: false, data: Uint8Array.of(1, 2) },
    ...{ fd: true, bitrateSwitch: true, errorStateIndicator: false },
  })
})

test('a field that answers differently the second time is read once', () => {
  for (const [field, sound, hostile] of [
    ['id', 0x10, '0x10'],
    ['extended', false, 'no'],
    ['data', new Uint8Array(1), new Uint8Array(100)],
    ['remote', false, true],
    ['fd', undefined, true],
  ] as const) {
    let reads = 0
    const changing = Object.defineProperty(frame({}), field, { get: () => (reads++ ? hostile : sound) })
    assert.deepEqual(ownFrame(changing)[field], sound, field)
    assert.equal(reads, 1, field)
  }
})

test('what cannot be read, or only looks like bytes, is refused by name', () => {
  const raise = () => {
    throw new Error('hostile')
  }
  const hostile = new Proxy({}, { get: raise, getPrototypeOf: raise, has: raise, ownKeys: raise })
  const detached = new Uint8Array(4)
  structuredClone(detached, { transfer: [detached.buffer] })
  for (const [what, given] of Object.entries({
    'a getter that throws': Object.defineProperty(frame({}), 'id', { get: raise }),
    'a proxy': hostile as CanFrame,
    'a proxy for data': frame({ data: hostile }),
    'a proxy of bytes': frame({ data: new Proxy(new Uint8Array(2), {}) }),
    'an object with the prototype of bytes': frame({ data: Object.create(Uint8Array.prototype) as unknown }),
    'an id whose text throws': frame({
      id: { toString: raise, valueOf: raise, [Symbol.toPrimitive]: raise },
    }),
    'a raw length code whose text throws': frame({ data: new Uint8Array(8), rawDlc: { toString: raise } }),
    'a symbol for an id': frame({ id: Symbol('id') }),
    'bytes that say they are fewer': frame({
      data: Object.defineProperty(new Uint8Array(99), 'length', { value: 1 }),
    }),
    'bytes given away': frame({ data: detached }),
  })) {
    assert.throws(() => ownFrame(given), MalformedCanFrame, what)
  }
})

test('a subclass of bytes is copied without running its code', () => {
  class Hostile extends Uint8Array {
    static get [Symbol.species](): never {
      throw new Error('hostile')
    }
    override slice(): never {
      throw new Error('hostile')
    }
  }
  const { data } = ownFrame(frame({ data: new Hostile([1, 2]) }))
  assert.deepEqual(data, Uint8Array.of(1, 2))
})
