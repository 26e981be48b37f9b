import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CanFrame } from '../ports/can-bus.js'
import { canContractCheck } from './can-contract-check.js'
import { parseDbc } from './dbc-parser.js'

const check = canContractCheck(
  parseDbc(`BO_ 256 Status: 2 Engine
 SG_ Speed : 0|8@1+ (1,0) [0|200] "km/h" Gateway
 SG_ Gear : 8|4@1+ (1,0) [0|0] "" Gateway

BO_ 512 Text: 8 Engine

VAL_ 256 Gear 0 "neutral" 1 "first" ;
`),
  [512],
)

const frame = (id: number, bytes: number[], changes: Partial<CanFrame> = {}): CanFrame => ({
  id,
  extended: false,
  data: Uint8Array.from(bytes),
  ...changes,
})

test('frames of the contract pass', () => {
  assert.equal(check(frame(256, [200, 1]), 'Engine'), undefined)
  assert.equal(check(frame(512, [2, 0x41, 0x42, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc]), 'Engine'), undefined)
})

for (const [breach, sent, sender] of [
  ['unknown-id', frame(257, [1, 1]), 'Engine'],
  ['unknown-id', frame(256, [1, 1], { extended: true }), 'Engine'],
  ['wrong-sender', frame(256, [1, 1]), 'Gateway'],
  ['wrong-length', frame(256, [1]), 'Engine'],
  ['wrong-length', frame(512, [2, 0x41, 0x42]), 'Engine'],
  ['remote-frame', frame(256, [], { remote: true }), 'Engine'],
  ['value-out-of-range', frame(256, [201, 1]), 'Engine'],
  ['value-out-of-range', frame(256, [1, 2]), 'Engine'],
  ['not-iso-tp', frame(512, [0xf0, 0, 0, 0, 0, 0, 0, 0]), 'Engine'],
] as const) {
  test(`${breach} is told, with who is at fault: ${sender} sent 0x${sent.id.toString(16)}`, () => {
    const violation = check(sent, sender)
    assert.equal(violation?.breach, breach)
    assert.equal(violation.sender, sender)
  })
}
