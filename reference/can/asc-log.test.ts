import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatAscDate, parseAscDate } from './asc-date.js'
import { AscLogReader } from './asc-log-reader.js'
import { CanLogSyntaxError, type CanLogEntry } from './can-log.js'
import { formatCandumpLine } from './candump-log.js'

function read(text: string, reader = new AscLogReader()): CanLogEntry[] {
  return text.split('\n').flatMap((line, i) => reader.read(line, i + 1) ?? [])
}

const lines = (text: string, reader?: AscLogReader) =>
  read(text, reader).map((each) => formatCandumpLine(each))

test('the header of every locale gives the same start', () => {
  const start = Date.UTC(2017, 8, 30, 15, 6, 13) * 1_000
  for (const [date, us] of [
    ['Sam Sep 30 15:06:13.191 2017', start + 191_000],
    ['Sat Sep 30 03:06:13.191 pm 2017', start + 191_000],
    ['Sat Sep 30 03:06:13 PM 2017', start],
    ['Sat Sep 30 15:06:13 2017', start],
    ['sam. sept. 30 15:06:13.191 2017', start + 191_000],
    ['sáb set 30 15:06:13,191 2017', start + 191_000],
    ['周六 9月 30 15:06:13.191 2017', start + 191_000],
    ['星期六 9月 30 03:06:13.191 下午 2017', start + 191_000],
    ['토 9월 30 15:06:13.191 2017', start + 191_000],
  ] as const) {
    assert.equal(parseAscDate(date), us, date)
  }
  assert.equal(parseAscDate('Die Mär 7 00:00:00 2023'), Date.UTC(2023, 2, 7) * 1_000)
  assert.equal(parseAscDate('Die M\uFFFDr 7 00:00:00 2023'), Date.UTC(2023, 2, 7) * 1_000)
  assert.equal(parseAscDate('mar. mai 2 12:30:00.000 am 2023'), Date.UTC(2023, 4, 2, 0, 30) * 1_000)
  assert.equal(parseAscDate('Tue Oct 3 12:30:00.000 pm 2023'), Date.UTC(2023, 9, 3, 12, 30) * 1_000)
  for (const no of [
    '',
    'today',
    'Sat Feb 30 15:06:13 2017',
    'Sat Foo 30 15:06:13 2017',
    'Sat Sep 30 25:06:13 2017',
  ]) {
    assert.equal(parseAscDate(no), undefined, no)
  }
})

test('every month is written so that it is read again', () => {
  for (let month = 0; month < 12; month++) {
    const at = Date.UTC(2026, month, 28, month * 2, 59, 58)
    assert.equal(parseAscDate(formatAscDate(at)), at * 1_000)
  }
})

test('frames, requests, errors and CAN FD of a CANoe log are read; all else is counted', () => {
  const reader = new AscLogReader()
  const text = [
    'date Sam Sep 30 15:06:13.191 2017',
    'base hex  timestamps absolute',
    'internal events logged',
    '// version 9.0.0',
    'Begin Triggerblock Sam Sep 30 15:06:13.191 2017',
    '   0.000000 Start of measurement',
    '   0.015991 CAN 1 Status:chip status error passive - TxErr: 132 RxErr: 0',
    '   1.015991 1  Statistic: D 0 R 0 XD 0 XR 0 E 0 O 0 B 0.00%',
    '   2.501000 1 ErrorFrame',
    '   2.501010 2 ErrorFrame ECC: 10100010',
    '   2.510001 2 100 Rx r',
    '   2.520002 3 200 Tx r Length = 1704000 BitCount = 145 ID = 88888888x',
    '   2.584921 4 300 Tx r 8 Length = 1704000 BitCount = 145 ID = 88888888x',
    '   3.098426 1  18EBFF00x       Rx d 8 01 A0 0F A6 60 3B D1 40    Length = 273910 BitCount = 141 ID = 418119424x',
    '   3.297743 1  J1939TP FEE3p        6    0  0   -   Rx   d 23 A0 0F A6 60 3B D1 40 1F DE 80',
    '   4.000000 1  6F9             TxRq d 1 05',
    '   4.000100 1  EngineData      Rx   d 1 05',
    '   5.000000 1  6F9             Rx   d f 05 0C 00 00 00 00 00 00',
    '  30.005021 CANFD   1 Rx        300                                   1 0 8  8 11 c2 03 04 05 06 07 08   102203  133   303000 e0006659 46500250 4b140250 20011736 2001040d',
    '  30.005071 CANFD   3 Rx        30a  Generic_Name_12                  1 1 9 12 01 02 03 04 05 06 07 08 09 0a 0b 0c   102203  133   307000 e0006659 46500250 4b140250 20011736 2001040d',
    '  30.005081 CANFD   2 Tx       1C4x                                   0 0 5  0   140000   73   200050 7a60 46500250 460a0250 20011736 20010205',
    '  30.005091 CANFD   2 Rx        123                                   0 0 2  2 AA BB   130000  130        0 0 0 0 0 0',
    '  30.005101 CANFD   2 Rx        123                                   0 0 0  0   130000  130     1000 0 0 0 0 0',
    '  30.806898 CANFD   5 Tx ErrorFrame Not Acknowledge error, dominant error flag fffe c7 31ca Arb. 556 44 0 0 f 64',
    'End TriggerBlock',
  ].join('\n')
  const seconds = Date.UTC(2017, 8, 30, 15, 6, 13) / 1_000
  assert.deepEqual(lines(text, reader), [
    `(${seconds + 2}.692000) can0 20000080#0000000000000000`,
    `(${seconds + 2}.692010) can1 20000080#0000000000000000`,
    `(${seconds + 2}.701001) can1 100#R R`,
    `(${seconds + 2}.711002) can2 200#R T`,
    `(${seconds + 2}.775921) can3 300#R8 T`,
    `(${seconds + 3}.289426) can0 18EBFF00#01A00FA6603BD140 R`,
    `(${seconds + 5}.191000) can0 6F9#050C000000000000_F R`,
    `(${seconds + 30}.196021) can0 300##511C2030405060708 R`,
    `(${seconds + 30}.196071) can2 30A##70102030405060708090A0B0C R`,
    `(${seconds + 30}.196081) can1 000001C4#R5 T`,
    `(${seconds + 30}.196091) can1 123#AABB R`,
    `(${seconds + 30}.196101) can1 123##4 R`,
    `(${seconds + 30}.997898) can4 20000080#0000000000000000`,
  ])
  assert.deepEqual(Object.fromEntries(reader.skipped), {
    comments: 1,
    'Start of measurement': 1,
    'CAN events': 1,
    'Statistic events': 1,
    'details of error frames': 2,
    'J1939TP events': 1,
    'transmit requests': 1,
    'frames with a name instead of an id': 1,
  })
})

test('ids and data in base dec are decimal', () => {
  const text = 'base dec  timestamps absolute\n 1.0000 1 418119424x Rx d 2 255 16\n 1.0001 1 100 Tx d 0'
  assert.deepEqual(lines(text), [
    '(0000000001.000000) can0 18EBFF00#FF10 R',
    '(0000000001.000100) can0 064# T',
  ])
})

test('relative times count from the event before, whatever that was', () => {
  const text =
    'base hex  timestamps relative\n 1.000000 Start of measurement\n 0.500000 1 1 Rx d 0\n 0.250000 1 Statistic: D 0\n 0.250000 1 2 Rx d 0'
  assert.deepEqual(
    read(text).map(({ timestampUs }) => timestampUs),
    [1_500_000, 2_000_000],
  )
})

test('a date that nobody can read, and a time finer than 1 µs, are counted', () => {
  const reader = new AscLogReader()
  assert.equal(read('date whenever\nbase hex\n 1.0000019 1 1 Rx d 0', reader)[0]?.timestampUs, 1_000_002)
  assert.deepEqual(
    [...reader.skipped.keys()],
    ['dates that could not be read (without one, times count from 0)', 'times finer than 1 µs (rounded)'],
  )
})

for (const [what, line, column] of [
  ['a byte that is none', ' 1.000000 1  123             Rx   d 2 11 GG', 42],
  ['fewer bytes than announced', ' 1.000000 1  123             Rx   d 2 11', 41],
  ['a length code above f', ' 1.000000 1  123             Rx   d 10 11', 37],
  ['neither data nor request', ' 1.000000 1  123             Rx   q 1 11', 35],
  ['an FD length that is none', ' 1.000000 CANFD 1 Rx 123 0 0 9 13 11', 37],
  ['a flag that is none', ' 1.000000 CANFD 1 Rx 123 name 2 0 9 12 11', 31],
  ['an 11-bit id above 7FF', ' 1.000000 1  923             Rx   d 1 11', 39],
  ['a direction that is none', ' 1.000000 1  123             Rq   d 1 11', 14],
  ['an id that is none', ' 1.000000 1  12G             Rx   d 1 11', 14],
  ['a channel that is none', ' 1.000000 1x  123             Rx   d 1 11', 11],
  ['no time', ' 1.0000x0 1  123             Rx   d 1 11', 2],
  ['a time that is cut', ' 1.', 2],
] as const) {
  test(`${what}: a named error with the place`, () => {
    assert.throws(
      () => read(`base hex  timestamps absolute\n${line}`),
      (error) =>
        error instanceof CanLogSyntaxError &&
        error.format === 'asc' &&
        error.line === 2 &&
        error.column === column,
    )
  })
}

test('a request with FD flags is a remote frame; events of CANFD lines are passed over', () => {
  const reader = new AscLogReader()
  const lines = [
    ' 0.000000 CANFD   Start of measurement',
    ' 1.000000 CANFD   2 Tx       1C4x   0 1 5  0   140000   73   201050 7a60 46500250 460a0250 20011736 20010205',
  ]
  assert.deepEqual(
    read(lines.join('\n'), reader).map(({ frame }) => frame),
    [{ id: 0x1c4, extended: true, data: new Uint8Array(0), remote: true, remoteLength: 5 }],
  )
  assert.deepEqual([...reader.skipped.keys()], ['Start of measurement', 'FD flags of remote frames'])
})

test('a text that is no ASC log at all is refused rather than passed over', () => {
  assert.throws(() => read('hello\nworld'), { name: 'CanLogSyntaxError', line: 1 })
})
