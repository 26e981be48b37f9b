import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeFrame, decodedFrameJson, formatDecodedFrame } from './dbc-frame-format.js'
import { parseDbc } from './dbc-parser.js'
import { j1939Id } from './j1939-id.js'

for (const [what, id, parts] of [
  [
    'EEC1 of the engine: PDU2, PGN 61444 (SAE J1939-71, 5.3.6)',
    0x0cf00400,
    { priority: 3, pgn: 61_444, source: 0 },
  ],
  [
    'TSC1 from address 3 to the engine: PDU1, PGN 0 (SAE J1939-71, 5.3.1)',
    0x0c000003,
    { priority: 3, pgn: 0, source: 3, destination: 0 },
  ],
  [
    'a request to all by a service tool: PDU1, PGN 59904 (SAE J1939-21, 5.4.2)',
    0x18eafff9,
    { priority: 6, pgn: 59_904, source: 0xf9, destination: 0xff },
  ],
  [
    'TP.CM to one node: PDU1, PGN 60416 (SAE J1939-21, 5.10.3)',
    0x18ec0b00,
    { priority: 6, pgn: 60_416, source: 0, destination: 0x0b },
  ],
  [
    'the last format with a destination: proprietary A, PGN 61184',
    0x18ef0b00,
    { priority: 6, pgn: 61_184, source: 0, destination: 0x0b },
  ],
  ['a group of data page 1', 0x19f00401, { priority: 6, pgn: 0x1f004, source: 1 }],
] as const) {
  test(`an identifier is divided: ${what}`, () => {
    assert.deepEqual(j1939Id(id), parts)
  })
}

const DBC = (more: string) => `BU_: ECU
BO_ ${0x80000000 + 0x0cf004fe} EEC1: 8 ECU
 SG_ EngineSpeed : 24|16@1+ (0.125,0) [0|8031.875] "rpm" ECU
BO_ ${0x80000000 + 0x0cf00417} EEC1_Of17: 8 ECU
 SG_ EngineSpeed : 24|16@1+ (1,0) [0|0] "rpm" ECU
BO_ ${0x80000000 + 0x0c0000fe} TSC1: 8 ECU
 SG_ Speed : 8|16@1+ (0.125,0) [0|0] "rpm" ECU
${more}`
const FRAME_FORMAT = `BA_DEF_ BO_ "VFrameFormat" ENUM "StandardCAN","ExtendedCAN","reserved","J1939PG";
BA_DEF_DEF_ "VFrameFormat" "J1939PG";
`
const DATA = Uint8Array.of(0xff, 0xff, 0xff, 0x68, 0x13, 0xff, 0xff, 0xff)
const frame = (id: number) => ({ id, extended: true, data: DATA })

for (const [what, more] of [
  ['VFrameFormat', FRAME_FORMAT],
  ['ProtocolType', 'BA_DEF_ "ProtocolType" STRING ;\nBA_ "ProtocolType" "J1939";\n'],
] as const) {
  test(`where ${what} says J1939, frames are found by their group, whatever priority and source`, () => {
    const database = parseDbc(DBC(more))
    const speed = (id: number) => {
      const decoded = decodeFrame(database, frame(id))
      return (
        decoded && [decoded.message.name, decoded.signals.get('EngineSpeed')?.physical, decoded.j1939?.source]
      )
    }
    assert.deepEqual(speed(0x0cf004fe), ['EEC1', 621, 0xfe])
    assert.deepEqual(speed(0x0cf00400), ['EEC1', 621, 0])
    assert.deepEqual(speed(0x18f00427), ['EEC1', 621, 0x27])
    assert.deepEqual(speed(0x18f00417), ['EEC1_Of17', 4_968, 0x17])
    assert.equal(speed(0x0cf00500), undefined)
    assert.equal(speed(0x0df00400), undefined)
  })
}

test('with PDU format 1 the destination is no part of the group; text and JSON show both addresses', () => {
  const decoded = decodeFrame(parseDbc(DBC(FRAME_FORMAT)), frame(0x0c001903))
  assert.equal(decoded && formatDecodedFrame(decoded), 'TSC1(Speed: 8191.875 rpm) [PGN 0, 0x03 to 0x19]')
  assert.deepEqual(decoded && decodedFrameJson(decoded).j1939, {
    priority: 3,
    pgn: 0,
    source: 3,
    destination: 0x19,
  })
})

test('without J1939 in the file, only the whole id counts', () => {
  assert.equal(decodeFrame(parseDbc(DBC('')), frame(0x0cf00400)), undefined)
})
