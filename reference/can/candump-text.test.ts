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
  [' (2026-11-24 15:36:25.004494)  vcan0  123   [2]  11 22', '(1795534585.004494) vcan0 123#1122'],
  ['  \x1B[1m\x1B[34mvcan0\x1B[0m  123   [2]  11 22', '(0000000000.000000) vcan0 123#1122'],
  ['  \x1B[1m\x1B[34mvcan0  123   [1]  11\x1B[0m', '(0000000000.000000) vcan0 123#11'],
  ['  vcan0  123   [2]  00010001 00100010', '(0000000000.000000) vcan0 123#1122'],
  ['  vcan0       123   [4]  44`33`22`11', '(0000000000.000000) vcan0 123#11223344'],
  ['  vcan0  12345678   [2]  22`11              `"3`', '(0000000000.000000) vcan0 12345678#1122'],
]

/** As candump -8 of later versions prints them: the length code of classic frames. */
const PRINTED_BY_CODE: readonly (readonly [string, string])[] = [
  ['  vcan0       123   {2}  11 22', '(0000000000.000000) vcan0 123#1122'],
  ['  vcan0       123   {F}  11 22 33 44 55 66 77 88', '(0000000000.000000) vcan0 123#1122334455667788_F'],
  ['  vcan0       123   {9}  remote request', '(0000000000.000000) vcan0 123#R8_9'],
]

for (const [printed, logged] of [...PRINTED, ...PRINTED_BY_CODE]) {
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

test('a date counts from the clock that wrote it, so that a log over midnight goes on', () => {
  const reader = canLogReader('candump-text', { utcOffsetMinutes: 480 })
  const at = (text: string) => reader.read(`${text}  can0  123   [0]`, 1)?.timestampUs
  const midnight = Date.UTC(2026, 10, 24, 16) * 1_000
  assert.equal(at(' (2026-11-24 23:59:59.999999)'), midnight - 1)
  assert.equal(at(' (2026-11-25 00:00:00.000000)'), midnight)
  assert.deepEqual([...reader.skipped], [])
  assert.throws(() => at(' (2026-13-24 23:59:59.999999)'), CanLogSyntaxError)
})

test('times that run backwards, as those of -t d do, are told', () => {
  const reader = canLogReader('candump-text')
  for (const time of ['', ' (000.000000)', ' (000.014260)', ' (000.013191)']) {
    reader.read(`${time}  can0  123   [0]`, 1)
  }
  assert.deepEqual([...reader.skipped], [['times before the one above (candump -t d?)', 1]])
})
