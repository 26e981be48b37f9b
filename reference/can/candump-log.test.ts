import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CandumpSyntaxError, formatCandumpLine, parseCandumpLog } from './candump-log.js'

const LOG = [
  '(1436509052.249713) vcan0 044#2A366C2BBA',
  '(1436509053.850870) vcan0 18DAF110#0201',
  '(0000000000.000002) can0 7FF#',
  '(0000000001.500000) can0 123#R',
  '(0000000001.600000) can0 123#R8',
  '(0000000001.700000) can0 123##0112233445566778899AABBCC',
]

test('what was read is written again, character by character', () => {
  assert.deepEqual(parseCandumpLog(`${LOG.join('\n')}\n`).map(formatCandumpLine), LOG)
})

test('a line becomes a frame with its time in microseconds', () => {
  assert.deepEqual(parseCandumpLog('(1.000002) can1 00000123#AB R\r\n')[0], {
    frame: { id: 0x123, extended: true, data: new Uint8Array([0xab]) },
    timestampUs: 1_000_002,
    channel: 'can1',
  })
})

for (const [what, line] of [
  ['no frame', '(1.000002) can1'],
  ['half a byte', '(1.000002) can1 123#ABC'],
  ['nine bytes', '(1.000002) can1 123#000102030405060708'],
  ['an id above 29 bits', '(1.000002) can1 FFFFFFFF#00'],
  ['an 11-bit id above 0x7FF', '(1.000002) can1 FFF#00'],
] as const) {
  test(`${what}: a named error tells the line`, () => {
    assert.throws(
      () => parseCandumpLog(`${LOG[0]}\n\n${line}`),
      (error) => error instanceof CandumpSyntaxError && error.line === 3,
    )
  })
}
