import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CanLogSyntaxError } from './can-log.js'
import { canLogReader } from './can-log-reader.js'
import { canLogWriter } from './can-log-writer.js'
import { formatCandumpLine, formatCandumpLineFor, parseCandumpLine, parseCandumpLog } from './candump-log.js'

/** As candump -L of can-utils 2020.11 wrote them on vcan under Linux 6.1, for frames that cansend sent. */
const LOG = [
  '(1795487524.522223) vcan0 123#DEADBEEF',
  '(1795487524.556200) vcan0 1F334455#11',
  '(1795487524.578300) vcan0 123#R',
  '(1795487524.589297) vcan0 123#R4',
  '(1795487524.601901) vcan0 00000123#R8',
  '(1795487524.636429) vcan0 123##4',
  '(1795487524.647091) vcan0 123##5AABB',
  '(1795487524.658734) vcan0 123##7AABB',
  '(1795487524.671312) vcan0 1F334455##6001122334455667788AABBCC',
  '(1795487524.684597) vcan0 123#',
  '(1795487524.731576) vcan0 20000088#0004150000000201',
  '(1795487524.757935) vcan0 200001FF#0000000000000000',
  // candump -L -x
  '(1795487524.768862) can10 123#01 T',
  '(1795487524.768862) can10 123##501 R',
  // Newer can-utils, on kernels that know raw length codes.
  '(0000000000.000002) can0 123#1122334455667788_9',
  '(0000000000.000003) can0 123#R8_F',
]

test('what was read is written again, character by character', () => {
  assert.deepEqual(parseCandumpLog(`${LOG.join('\n')}\n`).map(formatCandumpLine), LOG)
})

test('on kernels without the FDF flag the flags are written as candump shows them there', () => {
  const old = ['(0000000001.700000) can0 123##0112233', '(0000000001.700000) can0 123##311']
  assert.deepEqual(
    parseCandumpLog(old.join('\n')).map((entry) => formatCandumpLineFor(entry, { fdfFlag: false })),
    old,
  )
  assert.deepEqual(parseCandumpLine(old[1] as string, 1).frame, {
    id: 0x123,
    extended: false,
    data: new Uint8Array([0x11]),
    fd: true,
    bitrateSwitch: true,
    errorStateIndicator: true,
  })
})

test('a line becomes a frame with its time in microseconds and its direction', () => {
  assert.deepEqual(parseCandumpLog('(1.000002) can1 00000123#AB R\r\n')[0], {
    frame: { id: 0x123, extended: true, data: new Uint8Array([0xab]) },
    timestampUs: 1_000_002,
    channel: 'can1',
    direction: 'rx',
  })
})

test('an error frame keeps its class and its data; python-can leaves the data out', () => {
  const { errorFrame } = parseCandumpLine('(1.000000) can0 20000088#0004150000000201', 1)
  assert.deepEqual(errorFrame, {
    errorClass: 0x88,
    data: new Uint8Array([0, 4, 0x15, 0, 0, 0, 2, 1]),
  })
  const short = parseCandumpLine('(1.000000) can0 20000080#', 1)
  assert.deepEqual(short.errorFrame, { errorClass: 0x80, data: new Uint8Array(8) })
})

test('seven digits of microseconds are a carry, nine are nanoseconds', () => {
  const timeOf = (time: string) => parseCandumpLine(`(${time}) can0 123#`, 1).timestampUs
  assert.equal(timeOf('1614188635.1000000'), 1_614_188_636_000_000)
  assert.equal(timeOf('1614188635.123456789'), 1_614_188_635_123_457)
  assert.throws(() => timeOf('1614188635.2000000'), CanLogSyntaxError)
})

test('a remote frame with FD flags is the request that it can only be', () => {
  assert.deepEqual(
    parseCandumpLine('(1.000000) can0 123##1R4', 1),
    parseCandumpLine('(1.000000) can0 123#R4', 1),
  )
})

test('names that candump pads to one width are read', () => {
  assert.equal(parseCandumpLine('(1.000000)  can0 123#', 1).channel, 'can0')
})

test('the drop counts of candump -d are counted, and their lines passed over', () => {
  const reader = canLogReader('candump')
  const line = "DROPCOUNT: dropped 3 CAN frames on 'can0' socket (total drops 3)"
  assert.equal(reader.read(line, 1), undefined)
  assert.deepEqual([...reader.skipped.values()], [1])
  assert.equal(parseCandumpLog(`${line}\n${LOG[0]}`).length, 1)
})

test('candump cannot carry a name with a blank, and the writer names the field', () => {
  const entry = { ...parseCandumpLine(LOG[0] as string, 1), channel: 'my bus' }
  assert.throws(() => canLogWriter('candump').write(entry), { name: 'NotCarriedByLog', field: 'channel' })
})

for (const [what, line, column] of [
  ['no frame', '(1.000002) can1', 16],
  ['no time', '(1.0002) can1 123#', 4],
  ['half a byte', '(1.000002) can1 123#ABC', 17],
  ['nine bytes', '(1.000002) can1 123#000102030405060708', 17],
  ['an id above 29 bits', '(1.000002) can1 FFFFFFFF#00', 17],
  ['an 11-bit id above 0x7FF', '(1.000002) can1 FFF#00', 17],
  ['an FD frame of 9 bytes', '(1.000002) can1 123##4000102030405060708', 17],
  ['an FD frame without flags', '(1.000002) can1 123##', 17],
  ['an error frame of 2 bytes', '(1.000002) can1 20000004#0011', 17],
  ['a raw length code with 7 bytes', '(1.000002) can1 123#11223344556677_9', 17],
  ['a remote request for 9 bytes', '(1.000002) can1 123#R9', 17],
  ['a time beyond all bounds', '(9999999999.000002) can1 123#', 1],
] as const) {
  test(`${what}: a named error has the line and the column`, () => {
    assert.throws(
      () => parseCandumpLog(`${LOG[0]}\n\n${line}`),
      (error) =>
        error instanceof CanLogSyntaxError &&
        error.line === 3 &&
        error.column === column &&
        error.format === 'candump',
    )
  })
}
