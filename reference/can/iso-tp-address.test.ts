import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isoTpFraming, mixedFixedAddress, normalFixedAddress, type IsoTpAddress } from './iso-tp-address.js'
import { InvalidIsoTpAddress } from './iso-tp-errors.js'
import { counting, hex, joinLinks, joinPeer } from './test-iso-tp.js'

const extended = (peerAddress: number, ownAddress: number, [transmitId, receiveId] = [0x6a0, 0x6a8]) =>
  ({ transmitId, receiveId, extended: false, peerAddress, ownAddress }) as IsoTpAddress
const mixed = (addressExtension: number, [transmitId, receiveId] = [0x6a0, 0x6a8]) =>
  ({ transmitId, receiveId, extended: false, addressExtension }) as IsoTpAddress

test('normal fixed ids hold target and source', () => {
  assert.deepEqual(normalFixedAddress(0xf1, 0x10), {
    transmitId: 0x18da10f1,
    receiveId: 0x18daf110,
    extended: true,
  })
  assert.deepEqual(mixedFixedAddress(0xf1, 0x10, 0x42), {
    transmitId: 0x18ce10f1,
    receiveId: 0x18cef110,
    extended: true,
    addressExtension: 0x42,
  })
})

test('with extended addressing the target’s address is the first byte of every frame', async () => {
  const { clock, line, a, b } = joinLinks({
    addressA: extended(0x10, 0xf1),
    addressB: extended(0xf1, 0x10, [0x6a8, 0x6a0]),
  })
  await clock.run(a.link.send(counting(6)))
  await clock.run(a.link.send(counting(7)))
  assert.deepEqual(line.lines(), [
    'a 1006000102030405',
    'a 1010070001020304',
    'b f1300800cccccccc',
    'a 10210506cccccccc',
  ])
  assert.deepEqual(b.messages, [hex(counting(6)), hex(counting(7))])
})

test('with mixed addressing the extension is the first byte both ways', async () => {
  const { clock, line, a, b } = joinLinks({
    addressA: mixed(0x42),
    addressB: mixed(0x42, [0x6a8, 0x6a0]),
    b: { padding: undefined },
  })
  await clock.run(a.link.send(counting(12)))
  assert.deepEqual(line.lines(), [
    'a 42100c0001020304',
    'b 42300800',
    'a 422105060708090a',
    'a 42220bcccccccccc',
  ])
  assert.deepEqual(b.messages, [hex(counting(12))])
})

test('frames for another target, or without an address, are not heard', async () => {
  const { tell, messages, faults, answers } = joinPeer({}, extended(0xf1, 0x10, [0x6a8, 0x6a0]))
  await tell('11 01 aa', '01 aa', '11 10 14 00 01 02 03 04', '', '10', '10 01 bb')
  assert.deepEqual([messages, faults, answers()], [['bb'], [], []])
})

test('29-bit links do not hear the same number as an 11-bit id', async () => {
  const address = { transmitId: 0x6a8, receiveId: 0x6a0, extended: true }
  const { line, clock, messages } = joinPeer({}, address)
  await clock.run(line.a.send({ id: 0x6a0, extended: false, data: Uint8Array.of(1, 7) }))
  assert.deepEqual(messages, [])
  await clock.run(line.a.send({ id: 0x6a0, extended: true, data: Uint8Array.of(1, 8) }))
  assert.deepEqual(messages, ['08'])
})

test('addresses out of range, and one for both directions, are refused', () => {
  const normal = { transmitId: 1, receiveId: 2, extended: false }
  const wrong: IsoTpAddress[] = [
    { ...normal, transmitId: 0x800 },
    { ...normal, receiveId: -1 },
    { ...normal, receiveId: 1.5 },
    { ...normal, extended: true, receiveId: 0x2000_0000 },
    { ...normal, receiveId: 1 },
    extended(256, 0),
    extended(0, -1),
    mixed(256),
    extended(5, 5, [1, 1]),
  ]
  for (const address of wrong) assert.throws(() => isoTpFraming(address), InvalidIsoTpAddress)
  assert.throws(() => normalFixedAddress(256, 0), InvalidIsoTpAddress)
  assert.throws(() => mixedFixedAddress(0, 0, 256), InvalidIsoTpAddress)
  assert.equal(isoTpFraming(extended(5, 6, [1, 1])).addressBytes, 1)
})
