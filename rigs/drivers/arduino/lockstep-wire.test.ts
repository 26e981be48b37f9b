import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FirmataParser, type FirmataMessage } from './firmata-wire.js'
import { guardStatusIn, identityIn, lockstep } from './lockstep-wire.js'

function messageOf(...bytes: number[]): FirmataMessage {
  const messages: FirmataMessage[] = []
  new FirmataParser((message) => messages.push(message)).push(Uint8Array.from(bytes))
  assert.equal(messages.length, 1)
  return messages[0] as FirmataMessage
}

test('A status is read as protocol.md lays it out', () => {
  const message = messageOf(0xf0, 4, 0x12, 2, 127, 9, 1, 2, 0, 0, 0, 0, 0, 1, 0xf7)
  assert.deepEqual(guardStatusIn(message), {
    armed: false,
    latched: true,
    relayHigh: false,
    pulsesOn: false,
    refused: true,
    cause: 'over-current',
    cuts: 127,
    resetCauses: ['power-on', 'watchdog'],
    boardMs: 257,
    cutAtMs: 2 ** 21,
  })
})

test('A status or identity that is cut short, or says what this firmware never says, is none', () => {
  assert.equal(guardStatusIn(messageOf(0xf0, 4, 1, 0, 0, 0, 0xf7)), undefined)
  assert.equal(guardStatusIn(messageOf(0xf0, 4, 1, 99, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xf7)), undefined)
  assert.equal(
    identityIn(messageOf(0xf0, 5, 1, 0, ...Array.from({ length: 64 }, () => 0x7a), 0xf7)),
    undefined,
  )
})

test('An identity carries the hash of the sources', () => {
  const digits = '0123456789abcdef'.repeat(4)
  const message = messageOf(0xf0, 5, 1, 0, ...Buffer.from(digits), 0xf7)
  assert.deepEqual(identityIn(message), { extension: '1.0', sourceSha256: digits })
})

test('Commands are those of protocol.md', () => {
  assert.deepEqual(lockstep.heartbeat(129), [0xf0, 1, 1, 0xf7])
  assert.deepEqual(lockstep.arm(3), [0xf0, 2, 3, 0x7c, 0xf7])
})
