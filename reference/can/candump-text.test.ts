import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canLogReader, detectCanLogFormat } from './can-log-reader.js'
import { CanLogSyntaxError } from './can-log.js'
import { formatCandumpLine } from './candump-log.js'

const line = (text: string) => {
  const entry = canLogReader('candump-text').read(text, 1)
  return entry && formatCandumpLine(entry)
}

/** As candump of can-utils 2020.11 printed them. */
const PRINTED: readonly (readonly [string, string])[] = [
  ['  vcan0  123   [4]  DE AD BE EF', '(0000000000.000000) vcan0 123#DEADBEEF'],
  [' (1795487524.556200)  vcan0  1F334455   [1]  11', '(1795487524.556200) vcan0 1F334455#11'],
  [' (1795487524.589297)  vcan0       123   [4]  remote request', '(1795487524.589297) vcan0 123#R4'],
  [' (1795487524.636429)  vcan0       123  [00] ', '(1795487524.636429) vcan0 123##4'],
  [' (1795487524.684597)  vcan0       123   [0] ', '(1795487524.684597) vcan0 123#'],
  [
    "  vcan0  TX B E       123  [02]  AA BB                     '..'",
    '(0000000000.000000) vcan0 123##7AABB T',
  ],
  [
    "  vcan0  RX - -  1F334455   [1]  11                        '.'",
    '(0000000000.000000) vcan0 1F334455#11 R',
  ],
  [
    ' (003.000001)  vcan0  20000088   [8]  00 04 15 00 00 00 02 01   ERRORFRAME',
    '(0000000003.000001) vcan0 20000088#0004150000000201',
  ],
]

for (const [printed, logged] of PRINTED) {
  test(`what candump prints for people is read: ${printed.trim()}`, () => {
    assert.equal(detectCanLogFormat(printed), 'candump-text')
    assert.equal(line(printed), logged)
  })
}

test('the explanations of candump -e are passed over', () => {
  assert.equal(line('\tprotocol-violation{{single-bit-error}{}}'), undefined)
})

test('a length that does not match the bytes is refused', () => {
  assert.throws(() => line('  can0  123   [4]  DE AD'), CanLogSyntaxError)
  assert.throws(() => line('rubbish'), CanLogSyntaxError)
})
