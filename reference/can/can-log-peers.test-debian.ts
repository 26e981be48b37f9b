/**
 * Logs against the tools of others: python3-can 4.1.0 and can-utils 2020.11, as Debian 12 has them. What these lose by
 * themselves is written down here, so that a newer version that loses less is noticed.
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { CanFrame } from '../ports/can-bus.js'
import type { CanLogEntry, CanLogFormat } from './can-log.js'
import { hexBytes } from './can-log.js'
import { canLogReader } from './can-log-reader.js'
import { canLogWriter } from './can-log-writer.js'
import { formatCandumpLine } from './candump-log.js'

let folder = ''
before(() => void (folder = mkdtempSync(join(tmpdir(), 'can-log-peers-'))))
after(() => rmSync(folder, { recursive: true }))

/** Children whose local time is UTC: none of the formats names a zone. */
const run = (command: string, args: readonly string[], input = ''): string =>
  execFileSync(command, args, {
    encoding: 'utf8',
    input,
    env: { ...process.env, TZ: 'UTC', LC_ALL: 'C' },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
const python = (script: string, ...args: string[]) => run('/usr/bin/python3', ['-c', script, ...args])

const READ = `
import sys, json
from can.io import ASCReader, TRCReader, CanutilsLogReader
name, file = sys.argv[1:]
reader = {'asc': lambda f: ASCReader(f, relative_timestamp=False), 'trc': TRCReader, 'candump': CanutilsLogReader}[name](file)
for m in reader:
    print(json.dumps(dict(t=round(m.timestamp * 1e6), ch=str(m.channel), id=m.arbitration_id, x=m.is_extended_id, rx=m.is_rx,
      r=m.is_remote_frame, dlc=m.dlc, e=m.is_error_frame, fd=m.is_fd, brs=m.bitrate_switch, esi=m.error_state_indicator, d=m.data.hex().upper())))
`
interface PythonMessage {
  readonly t: number
  readonly ch: string
  readonly id: number
  readonly x: boolean
  readonly rx: boolean
  readonly r: boolean
  readonly dlc: number
  readonly e: boolean
  readonly fd: boolean
  readonly brs: boolean
  readonly esi: boolean
  readonly d: string
}

const WRITE = `
import sys, json
from can import Message
from can.io import ASCWriter, TRCWriter, CanutilsLogWriter
name, file, text = sys.argv[1:]
writer = {'asc': ASCWriter, 'trc': TRCWriter, 'candump': CanutilsLogWriter}[name](file)
for m in json.loads(text):
    if m['e']: writer.on_message_received(Message(timestamp=m['t'] / 1e6, is_error_frame=True, channel=m['ch'])); continue
    writer.on_message_received(Message(timestamp=m['t'] / 1e6, channel=m['ch'], arbitration_id=m['id'], is_extended_id=m['x'],
      is_rx=m['rx'], is_remote_frame=m['r'], dlc=m['dlc'], is_fd=m['fd'], bitrate_switch=m['brs'], error_state_indicator=m['esi'],
      data=None if m['r'] else bytes.fromhex(m['d'])))
writer.stop()
`

const START_US = 1_700_000_000_000_000
const place = (us: number, direction: 'rx' | 'tx' = 'rx') => ({
  timestampUs: START_US + us,
  channel: 'can0',
  direction,
})
const head = (id: number, extended = false) => ({ id, extended })
const bytes = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 37) & 0xff)

const CLASSIC: readonly CanLogEntry[] = [
  { ...place(0), frame: { ...head(0x123), data: bytes(8) } },
  { ...place(1), frame: { ...head(0), data: bytes(0) } },
  { ...place(250_000, 'tx'), frame: { ...head(0x123, true), data: bytes(3) } },
  { ...place(250_001), channel: 'can3', frame: { ...head(0x1fffffff, true), data: bytes(1) } },
]
const REMOTE: readonly CanLogEntry[] = [
  { ...place(300_000), frame: { ...head(0x321), data: bytes(0), remote: true, remoteLength: 4 } },
  {
    ...place(300_100, 'tx'),
    frame: { ...head(0x18daf110, true), data: bytes(0), remote: true, remoteLength: 8 },
  },
]
const fd = (frame: Partial<CanFrame>, length: number): CanFrame => ({
  ...head(0x55),
  data: bytes(length),
  fd: true,
  ...frame,
})
const FD: readonly CanLogEntry[] = [
  { ...place(400_000), frame: fd({}, 8) },
  { ...place(400_001), frame: fd({ bitrateSwitch: true }, 12) },
  { ...place(400_002, 'tx'), frame: fd({ errorStateIndicator: true, extended: true }, 64) },
  { ...place(400_003), frame: fd({ bitrateSwitch: true, errorStateIndicator: true }, 1) },
]
const EMPTY_FD: readonly CanLogEntry[] = [{ ...place(400_500), frame: fd({}, 0) }]
const ERRORS: readonly CanLogEntry[] = [
  {
    timestampUs: START_US + 500_000,
    channel: 'can0',
    errorFrame: { errorClass: 0x80, data: new Uint8Array(8) },
  },
]

const write = (entries: readonly CanLogEntry[], format: CanLogFormat) => {
  const writer = canLogWriter(format)
  return entries.map((entry) => writer.write(entry)).join('') + writer.end()
}
const read = (text: string, format: CanLogFormat): CanLogEntry[] => {
  const reader = canLogReader(format)
  return text.split(/\r?\n/).flatMap((line, i) => reader.read(line, i + 1) ?? [])
}

/** python-can counts channels from 0, but the reader of TRC from 1. */
function pythonMessage(entry: CanLogEntry, format: CanLogFormat): PythonMessage {
  const number = Number(entry.channel.slice(3)) + (format === 'trc' ? 1 : 0)
  const {
    id = 0,
    extended = false,
    remote = false,
    remoteLength = 0,
    data = bytes(0),
    ...rest
  }: Partial<CanFrame> = entry.frame ?? {}
  return {
    t: entry.timestampUs,
    ch: format === 'candump' ? entry.channel : String(number),
    id,
    x: extended,
    rx: entry.direction !== 'tx',
    r: remote,
    dlc: remote ? remoteLength : data.length,
    e: entry.errorFrame !== undefined,
    fd: rest.fd ?? false,
    brs: rest.bitrateSwitch ?? false,
    esi: rest.errorStateIndicator ?? false,
    d: hexBytes(data),
  }
}

function pythonReads(entries: readonly CanLogEntry[], format: CanLogFormat): PythonMessage[] {
  const file = join(folder, `ours.${format}`)
  writeFileSync(file, write(entries, format))
  return python(READ, format, file)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as PythonMessage)
}

function pythonWrites(entries: readonly CanLogEntry[], format: CanLogFormat): CanLogEntry[] {
  const file = join(folder, `python.${format}`)
  const messages = entries.map((entry) => {
    const message = pythonMessage(entry, 'asc')
    return { ...message, ch: format === 'candump' ? entry.channel : Number(message.ch) }
  })
  python(WRITE, format, file, JSON.stringify(messages))
  return read(readFileSync(file, 'utf8'), format)
}

/** Times aside, which python-can keeps as seconds in floating point and cuts off: to 2 µs. */
function requireSame(
  actual: readonly PythonMessage[],
  expected: readonly PythonMessage[],
  sinceFirst = false,
): void {
  const [a0 = 0, e0 = 0] = sinceFirst ? [actual[0]?.t, expected[0]?.t] : []
  const untimed = ({ t: _, ...rest }: PythonMessage) => rest
  assert.deepEqual(actual.map(untimed), expected.map(untimed))
  for (const [i, message] of actual.entries()) {
    assert.ok(
      Math.abs(message.t - a0 - ((expected[i]?.t ?? 0) - e0)) <= 2,
      `${message.t} is not ${expected[i]?.t}`,
    )
  }
}

describe('python-can reads what is written here', () => {
  test('candump: data and CAN FD frames, and remote requests', () => {
    const all = [...CLASSIC, ...REMOTE, ...FD, ...EMPTY_FD]
    requireSame(
      pythonReads(all, 'candump'),
      all.map((entry) => pythonMessage(entry, 'candump')),
    )
    assert.deepEqual(
      pythonReads(ERRORS, 'candump').map(({ e }) => e),
      [true],
    )
  })

  test('ASC: data and CAN FD frames, remote requests, errors', () => {
    const all = [...CLASSIC, ...REMOTE]
    requireSame(
      pythonReads(all, 'asc'),
      all.map((entry) => pythonMessage(entry, 'asc')),
    )
    requireSame(
      pythonReads(FD, 'asc'),
      FD.map((entry) => pythonMessage(entry, 'asc')),
    )
    assert.deepEqual(
      pythonReads(ERRORS, 'asc').map(({ e, ch, t }) => ({ e, ch, t })),
      [{ e: true, ch: '0', t: START_US + 500_000 }],
    )
  })

  test('ASC: it takes a CAN FD frame without data for a remote request', () => {
    assert.deepEqual(
      pythonReads(EMPTY_FD, 'asc').map(({ r, d }) => ({ r, d })),
      [{ r: true, d: '' }],
    )
  })

  test('TRC: data frames, counted from the start; it passes over all others', () => {
    const errors = ERRORS.map((entry) => ({
      ...entry,
      errorFrame: { errorClass: 0x288, data: new Uint8Array(8) },
    }))
    const messages = pythonReads([...CLASSIC, ...REMOTE, ...FD, ...errors] as CanLogEntry[], 'trc')
    requireSame(
      messages,
      CLASSIC.map((entry) => pythonMessage(entry, 'trc')),
      true,
    )
  })
})

describe('what python-can writes is read here', () => {
  const messagesOf = (entries: readonly CanLogEntry[]) => entries.map((entry) => pythonMessage(entry, 'asc'))

  test('candump: all but the length of remote requests, which it does not write', () => {
    const all = [...CLASSIC, ...FD, ...EMPTY_FD]
    requireSame(messagesOf(pythonWrites(all, 'candump')), messagesOf(all))
    assert.deepEqual(
      pythonWrites(REMOTE, 'candump').map(({ frame }) => frame?.remoteLength),
      [0, 0],
    )
    assert.deepEqual(
      pythonWrites(ERRORS, 'candump').map(({ errorFrame }) => errorFrame?.errorClass),
      [0x80],
    )
  })

  test('ASC: all; its start is cut to milliseconds', () => {
    const all = [...CLASSIC, ...REMOTE, ...FD, ...EMPTY_FD, ...ERRORS]
    requireSame(messagesOf(pythonWrites(all, 'asc')), messagesOf(all))
  })

  test('TRC: data frames, from a start that it writes wrongly; it leaves out all others', () => {
    const back = pythonWrites([...CLASSIC, ...REMOTE, ...FD, ...ERRORS], 'trc')
    requireSame(messagesOf(back), messagesOf(CLASSIC), true)
  })
})

describe("can-utils' log2asc and asc2log", () => {
  const INTERFACES = ['can0', 'can1', 'can2', 'can3']
  const untimed = (line: string) => line.replace(/^\(\S+\) /, '')
  const offsets = (entries: readonly CanLogEntry[]) =>
    entries.map(({ timestampUs }) => timestampUs - (entries[0]?.timestampUs ?? 0))

  test('log2asc makes an ASC log of ours that says the same here', () => {
    const all = [...CLASSIC, ...REMOTE, ...FD, ...EMPTY_FD, ...ERRORS]
    for (const flags of [[], ['-n']]) {
      const asc = run('/usr/bin/log2asc', [...flags, ...INTERFACES], write(all, 'candump'))
      const back = read(asc, 'asc')
      assert.deepEqual(
        back.map(formatCandumpLine).map(untimed),
        all.map((entry) => untimed(formatCandumpLine(entry))),
      )
      assert.deepEqual(offsets(back), offsets(all))
      // It writes the start to the second.
      assert.equal(back[0]?.timestampUs, START_US)
    }
  })

  test('log2asc -f writes classic frames in CANFD lines, which say the same here', () => {
    const all = [...CLASSIC, ...REMOTE, ...FD]
    const back = read(run('/usr/bin/log2asc', ['-f', ...INTERFACES], write(all, 'candump')), 'asc')
    assert.deepEqual(
      back.map(formatCandumpLine).map(untimed),
      all.map((entry) => untimed(formatCandumpLine(entry))),
    )
  })

  test('asc2log reads our ASC logs; it shows the flags without FDF', () => {
    const all = [...CLASSIC, ...REMOTE, ...FD, ...EMPTY_FD, ...ERRORS]
    const back = read(run('/usr/bin/asc2log', [], write(all, 'asc')), 'candump')
    assert.deepEqual(
      back.map(formatCandumpLine).map(untimed),
      all.map((entry) => untimed(formatCandumpLine(entry))),
    )
    assert.deepEqual(offsets(back), offsets(all))
  })
})
