import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CanLogSyntaxError, type CanLogEntry } from './can-log.js'
import { formatCandumpLine } from './candump-log.js'
import { formatTrcStart, parseTrcStart } from './trc-log-format.js'
import { TrcLogReader } from './trc-log-reader.js'

function read(text: readonly string[], reader = new TrcLogReader()): CanLogEntry[] {
  return text.flatMap((line, i) => reader.read(line, i + 1) ?? [])
}
const lines = (text: readonly string[], reader?: TrcLogReader) =>
  read(text, reader).map((each) => formatCandumpLine(each).replace(/^\((\d+)\./, '($1.'))

test('the start counts days from 1899-12-30, to 0.1 ms', () => {
  // PEAK's own files, each with the same start in words.
  assert.equal(parseTrcStart('37704.5364870833'), Date.UTC(2003, 2, 24, 12, 52, 32, 484) * 1_000)
  assert.equal(parseTrcStart('42209.4075997106'), Date.UTC(2015, 6, 24, 9, 46, 56, 615) * 1_000)
  assert.equal(parseTrcStart('25568.9'), undefined)
  assert.equal(parseTrcStart('soon'), undefined)
})

test('every second of a day is written so that it is read again', () => {
  const day = Date.UTC(2026, 10, 24) * 1_000
  for (let second = 0; second < 86_400; second += 7) {
    const us = day + second * 1_000_000
    assert.equal(parseTrcStart(formatTrcStart(us)), us)
  }
})

const ROWS = [
  '(0000000001.059900) can0 300#00000000040000 R',
  '(0000000001.298900) can0 400#0000 T',
  '(0000000001.349200) can0 20000288#0000001900000808',
  '(0000000001.352700) can0 100#R3 R',
  '(0000000001.353000) can0 18EFC034#01 R',
]

test('version 1.1: Rx, Tx, RTR and errors are read, warnings counted', () => {
  const reader = new TrcLogReader()
  const text = [
    ';$FILEVERSION=1.1 ',
    ';$STARTTIME=25569.0',
    ';---+--   ----+----  --+--  ----+---  +  -+ -- -- -- -- -- -- --',
    '     1)      1059.9  Rx         0300  7  00 00 00 00 04 00 00 ',
    '     2)      1298.9  Tx         0400  2  00 00 ',
    '     3)      1346.8  Warng  FFFFFFFF  4  00 00 00 04  BUSLIGHT',
    '     4)      1349.2  Error      0008  4  01 19 08 08 ',
    '     5)      1352.7  Rx         0100  3  RTR',
    '     6)      1353.0  Rx     18EFC034  1  01',
  ]
  assert.deepEqual(lines(text, reader), ROWS)
  assert.deepEqual(Object.fromEntries(reader.skipped), { 'bus warnings': 1 })
})

test('version 1.3: buses and the reserved column', () => {
  const text = [
    ';$FILEVERSION=1.3',
    ';$STARTTIME=25569.0',
    '     1)      1059.900 1  Rx        0300 -  7    00 00 00 00 04 00 00 ',
    '     2)      1298.901 2  Tx        0400 -  2    00 00 ',
    '     5)      1346.834 1  Warng FFFFFFFF -  4    00 00 00 04  BUSLIGHT ',
    '     6)      1349.222 1  Error     0001 -  4    00 02 03 04 ',
    '     7)      1352.743 3  Rx        0100 -  3    RTR ',
  ]
  assert.deepEqual(lines(text), [
    ROWS[0],
    '(0000000001.298901) can1 400#0000 T',
    '(0000000001.349222) can0 20000288#0000810200000403',
    '(0000000001.352743) can2 100#R3 R',
  ])
})

test('remote requests keep a length code above 8', () => {
  const row = '     10      1336.543 RR     0100 Rx 12'
  assert.deepEqual(lines([';$FILEVERSION=2.0', row]), ['(0000000001.336543) can0 100#R8_C R'])
})

test('version 1.2 has buses without the reserved column; 1.0 has neither type nor direction', () => {
  const row = '     3)      1298.945  2  Tx         0400  2  00 00 '
  assert.deepEqual(lines([';$FILEVERSION=1.2', row]), ['(0000000001.298945) can1 400#0000 T'])
  const oldest = [
    ';####',
    '     1)      1841      0001  8  00 00 00 00 00 00 00 00  ',
    '     2)      1842      0008  4  ERROR 00 19 08 08 ',
    '     3)      1843  FFFFFFFF  4  00 00 00 04 -- -- -- --  BUSLIGHT ',
    '     4)      1844      0100  3  RTR ',
  ]
  assert.deepEqual(lines(oldest), [
    '(0000000001.841000) can0 001#0000000000000000',
    '(0000000001.842000) can0 20000288#0000801900000808',
    '(0000000001.844000) can0 100#R3',
  ])
})

const FD_ROWS = [
  '(0000000001.059900) can0 300#00000000040000 R',
  '(0000000001.334416) can0 500##40102030405060708090A0B0C T',
  '(0000000001.334417) can0 500##511 R',
  '(0000000001.334418) can0 500##611 R',
  '(0000000001.334419) can0 500##711 R',
  '(0000000001.334522) can0 20000288#0000840200000000',
  '(0000000001.335156) can0 18EFC034#0102030405060708 T',
  '(0000000001.336543) can0 100#R3 R',
]

test('version 2.0: data lengths, no buses', () => {
  const reader = new TrcLogReader()
  const text = [
    ';$FILEVERSION=2.0',
    ';$STARTTIME=25569.0',
    ';$COLUMNS=N,O,T,I,d,l,D',
    '      1      1059.900 DT     0300 Rx 7  00 00 00 00 04 00 00 ',
    '      5      1334.416 FD     0500 Tx 12 01 02 03 04 05 06 07 08 09 0A 0B 0C',
    '      5      1334.417 FB     0500 Rx 1  11',
    '      5      1334.418 FE     0500 Rx 1  11',
    '      5      1334.419 BI     0500 Rx 1  11',
    '      6      1334.522 ER          Rx    04 00 02 00 00',
    '      7      1334.531 ST          Rx    00 00 00 08',
    '      8      1334.643 EC          Rx    02 02',
    '      9      1335.156 DT 18EFC034 Tx 8  01 02 03 04 05 06 07 08',
    '     10      1336.543 RR     0100 Rx 3',
  ]
  assert.deepEqual(lines(text, reader), FD_ROWS)
  assert.deepEqual([...reader.skipped.values()], [1, 1])
})

test('version 2.1: length codes and buses; events are counted', () => {
  const reader = new TrcLogReader()
  const text = [
    ';$FILEVERSION=2.1',
    ';$STARTTIME=25569.0',
    ';$COLUMNS=N,O,T,B,I,d,R,L,D',
    '      1      1059.900 DT 1      0300 Rx -  7    00 00 00 00 04 00 00 ',
    '      5      1334.416 FD 1      0500 Tx -  9    01 02 03 04 05 06 07 08 09 0A 0B 0C',
    '      5      1334.417 FB 1      0500 Rx -  1    11',
    '      5      1334.418 FE 1      0500 Rx -  1    11',
    '      5      1334.419 BI 1      0500 Rx -  1    11',
    '      6      1334.522 ER 1         - Rx -  5    04 00 02 00 00 ',
    '      7      1334.600 EV 1  User-defined event for bus 1 ',
    '      8      1334.600 EV -  User-defined event for all busses ',
    '      9      1334.600 ST 1         - Rx -  4    00 00 00 08 ',
    '     11      1334.643 EC 1         - Rx -  2    02 02 ',
    '     12      1335.156 DT 1  18EFC034 Tx -  8    01 02 03 04 05 06 07 08 ',
    '     13      1336.543 RR 1      0100 Rx -  3 ',
  ]
  assert.deepEqual(lines(text, reader), FD_ROWS)
  assert.deepEqual(Object.fromEntries(reader.skipped), {
    'user events (EV)': 2,
    'hardware status (ST)': 1,
    'error counter changes (EC)': 1,
  })
})

test('a J1939 message that is longer than a frame is counted, not read', () => {
  const reader = new TrcLogReader()
  const rows = [
    '  1)  1.0 1 Rx 18EFC034 - 20 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20',
    '  2)  1.0 1 Rx 18EFC034 - 9 01 02 03 04 05 06 07 08 09',
  ]
  assert.deepEqual(read([';$FILEVERSION=1.3', ...rows], reader), [])
  assert.deepEqual([...reader.skipped], [['messages longer than a frame', 2]])
})

for (const [what, row] of [
  ['a line without a number', 'x 1.0 DT 1 0300 Rx - 1 11'],
  ['a time that is none', '1 1.x DT 1 0300 Rx - 1 11'],
  ['an id of two digits', '1 1.0 DT 1 30 Rx - 1 11'],
  ['fewer bytes than announced', '1 1.0 DT 1 0300 Rx - 2 11'],
  ['more bytes than announced', '1 1.0 DT 1 0300 Rx - 1 11 22'],
  ['a direction that is none', '1 1.0 DT 1 0300 Up - 1 11'],
  ['a bus 0', '1 1.0 DT 0 0300 Rx - 1 11'],
  ['an 11-bit id above 7FF', '1 1.0 DT 1 0800 Rx - 1 11'],
  ['an error type 9', '1 1.0 ER 1 - Rx - 5 09 00 00 00 00'],
] as const) {
  test(`${what}: a named error with the line`, () => {
    assert.throws(
      () => read([';$FILEVERSION=2.1', row]),
      (error) => error instanceof CanLogSyntaxError && error.format === 'trc' && error.line === 2,
    )
  })
}

test('a version or columns that nobody knows are refused', () => {
  assert.throws(() => read([';$FILEVERSION=7.0']), { name: 'CanLogSyntaxError', line: 1 })
  assert.throws(() => read([';$COLUMNS=N,O,T']), { name: 'CanLogSyntaxError', line: 1 })
})
