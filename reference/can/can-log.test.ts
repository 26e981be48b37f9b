import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { CanFrame } from '../ports/can-bus.js'
import {
  CAN_LOG_FORMATS,
  NotCarriedByLog,
  sameCanLogEntry,
  type CanLogEntry,
  type CanLogFormat,
} from './can-log.js'
import { canLogReader, detectCanLogFormat, readCanLog, textLines } from './can-log-reader.js'
import { canLogWriter, losses, type CanLogWriterOptions } from './can-log-writer.js'

const id = fc.oneof(
  fc.nat(0x7ff).map((number) => ({ id: number, extended: false })),
  fc.nat(0x1fffffff).map((number) => ({ id: number, extended: true })),
)
const bytes = (...lengths: number[]) =>
  fc.constantFrom(...lengths).chain((length) => fc.uint8Array({ minLength: length, maxLength: length }))
const rawDlc = fc.constantFrom(undefined, undefined, undefined, 9, 15)
const withRawDlc = (code: number | undefined, length: number) =>
  code !== undefined && length === 8 ? { rawDlc: code } : {}

const frame: fc.Arbitrary<CanFrame> = fc.oneof(
  fc
    .tuple(id, bytes(0, 1, 2, 7, 8), rawDlc)
    .map(([head, data, code]) => ({ ...head, data, ...withRawDlc(code, data.length) })),
  fc.tuple(id, fc.nat(8), rawDlc).map(([head, remoteLength, code]) => ({
    ...head,
    data: new Uint8Array(0),
    remote: true,
    remoteLength,
    ...withRawDlc(code, remoteLength),
  })),
  fc
    .tuple(id, bytes(0, 1, 8, 12, 16, 64), fc.boolean(), fc.boolean())
    .map(([head, data, bitrateSwitch, errorStateIndicator]) => ({
      ...head,
      data,
      fd: true,
      bitrateSwitch,
      errorStateIndicator,
    })),
)
const errorData = fc.oneof(
  fc
    .tuple(fc.nat(7), fc.integer({ min: 1, max: 255 }))
    .map(([at, byte]) => new Uint8Array(8).fill(byte, at, at + 1)),
  fc.constant(new Uint8Array(8)),
  bytes(8),
  bytes(4).map(([type = 0, position = 0, tx = 0, rx = 0]) =>
    Uint8Array.of(0, 0, type & 0x87, position, 0, 0, tx, rx),
  ),
)
const errorFrame = fc.record({
  errorClass: fc.oneof(fc.constantFrom(0x80, 0x288), fc.nat(0x1fffffff)),
  data: errorData,
})
const timestampUs = fc.oneof(
  fc.nat(10_000_000),
  fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  fc.integer({ min: 1_700_000_000_000_000, max: 1_900_000_000_000_000 }),
  fc.constantFrom(-1, 0.5, Number.NaN, Infinity),
)
const direction = fc.constantFrom(undefined, 'rx' as const, 'tx' as const)
const channel = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('can0', 'can1', 'can15') },
  { weight: 1, arbitrary: fc.constantFrom('vcan0', 'can01', 'can999', 'my bus', '', '总线') },
)
const entry: fc.Arbitrary<CanLogEntry> = fc
  .tuple(
    timestampUs,
    channel,
    direction,
    fc.oneof(
      frame.map((f) => ({ frame: f })),
      errorFrame.map((e) => ({ errorFrame: e })),
    ),
  )
  .map(([us, name, way, content]) => ({
    timestampUs: us,
    channel: name,
    ...(way ? { direction: way } : {}),
    ...content,
  }))

function written(
  entries: readonly CanLogEntry[],
  format: CanLogFormat,
  options?: CanLogWriterOptions,
): string {
  const writer = canLogWriter(format, options)
  return entries.map((each) => writer.write(each)).join('') + writer.end()
}

function read(text: string, format: CanLogFormat): CanLogEntry[] {
  const reader = canLogReader(format)
  return text.split(/\r?\n/).flatMap((line, i) => reader.read(line, i + 1) ?? [])
}

/** Compares text too: what a test shows of two unlike entries. */
const show = (each: CanLogEntry | undefined) =>
  JSON.stringify(each, (_, value: unknown) => (value instanceof Uint8Array ? [...value] : value))

for (const format of CAN_LOG_FORMATS) {
  test(`${format}: an entry comes back the same exactly when nothing is said to be lost`, () => {
    const seen = { lossless: 0, lossy: 0 }
    fc.assert(
      fc.property(entry, (each) => {
        const lost = losses(each, format)
        const back = read(written([each], format, { onLoss: () => undefined }), format)
        const same = back.length === 1 && sameCanLogEntry(back[0] as CanLogEntry, each)
        assert.equal(
          same,
          lost.length === 0,
          `${show(each)} came back as ${show(back[0])}; ${JSON.stringify(lost)}`,
        )
        seen[same ? 'lossless' : 'lossy']++
      }),
      { numRuns: 3_000 },
    )
    assert.ok(seen.lossless > 300 && seen.lossy > 300, JSON.stringify(seen))
  })

  test(`${format}: a log of entries without loss comes back the same, in order`, () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 20 }), (all) => {
        const carried = all
          .filter((each) => losses(each, format).length === 0)
          .sort((a, b) => a.timestampUs - b.timestampUs)
        const back = read(written(carried, format), format)
        assert.deepEqual(back.map(show).length, carried.length)
        for (const [i, each] of carried.entries()) {
          assert.ok(
            sameCanLogEntry(back[i] as CanLogEntry, each),
            `${show(each)} came back as ${show(back[i])}`,
          )
        }
      }),
      { numRuns: 300 },
    )
  })

  test(`${format}: a strict writer throws the first loss by name, and writes nothing of the entry`, () => {
    fc.assert(
      fc.property(entry, (each) => {
        const [first] = losses(each, format)
        if (!first) return void canLogWriter(format).write(each)
        assert.throws(
          () => canLogWriter(format).write(each),
          (error) =>
            error instanceof NotCarriedByLog && error.field === first.field && error.format === format,
        )
      }),
    )
  })

  test(`${format}: what was written is detected by its content, whatever the name`, () => {
    const sound = {
      timestampUs: 5,
      channel: 'can0',
      direction: 'rx',
      frame: { id: 1, extended: false, data: new Uint8Array(0) },
    } as const
    assert.equal(detectCanLogFormat(written([sound], format), 'x.csv'), format)
  })

  test(`${format}: the wall clock of the file can be another than UTC`, () => {
    const sound = {
      timestampUs: 1_700_000_000_123_456,
      channel: 'can0',
      direction: 'rx',
      frame: { id: 1, extended: false, data: new Uint8Array(0) },
    } as const
    const text = written([sound], format, { utcOffsetMinutes: 480 })
    const reader = canLogReader(format, { utcOffsetMinutes: 480 })
    const back = text.split(/\r?\n/).flatMap((line, i) => reader.read(line, i + 1) ?? [])
    assert.deepEqual(back, [sound])
    if (format !== 'candump') {
      assert.equal(read(text, format)[0]?.timestampUs, sound.timestampUs + 480 * 60_000_000)
    }
  })
}

test('a time before the first of an ASC or TRC log is a loss', () => {
  const at = (us: number): CanLogEntry => ({
    timestampUs: us,
    channel: 'can0',
    direction: 'rx',
    frame: { id: 1, extended: false, data: new Uint8Array(0) },
  })
  for (const format of ['asc', 'trc'] as const) {
    const fields: string[] = []
    const text = written([at(7_500_000), at(6_900_000)], format, {
      onLoss: ({ field }) => fields.push(field),
    })
    assert.deepEqual(fields, ['timestampUs'])
    assert.deepEqual(
      read(text, format).map((each) => each.timestampUs),
      [7_500_000, 7_000_000],
    )
  }
})

test('channels without a number of their own get one each, and are not mixed up with those that have', () => {
  const on = (name: string): CanLogEntry => ({
    timestampUs: 0,
    channel: name,
    direction: 'rx',
    frame: { id: 1, extended: false, data: new Uint8Array(0) },
  })
  const text = written(['vcan0', 'can0', 'vcan0', 'can1'].map(on), 'asc', { onLoss: () => undefined })
  assert.equal(new Set(read(text, 'asc').map((each) => each.channel)).size, 3)
})

async function* pieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const all = new TextEncoder().encode(text)
  for (let at = 0; at < all.length; at += size) yield all.subarray(at, at + size)
}

test('a log is read from a stream in pieces of any size, and detected', async () => {
  const text = '\n(1.000000) 总线 123#11 R\r\n(2.000000) can0 124#22'
  for (const size of [1, 3, 7, 1000]) {
    const channels: string[] = []
    for await (const each of readCanLog(textLines(pieces(text, size)))) channels.push(each.channel)
    assert.deepEqual(channels, ['总线', 'can0'])
  }
})

test('the line of an error counts empty lines; a text that is no log is refused', async () => {
  const drain = async (text: string) => {
    for await (const each of readCanLog(textLines(pieces(text, 64)))) void each
  }
  await assert.rejects(drain('\n\n(1.000000) can0 123#11\nrubbish\n'), {
    name: 'CanLogSyntaxError',
    format: 'candump',
    line: 4,
  })
  await assert.rejects(drain('\nhello world\n'), { name: 'CanLogSyntaxError', format: 'unknown', line: 2 })
  await assert.rejects(drain('x'.repeat(70_000)), { name: 'CanLogSyntaxError', line: 1 })
})

test('the name decides where the content does not', () => {
  assert.equal(detectCanLogFormat('', 'a.asc'), 'asc')
  assert.equal(detectCanLogFormat('', 'a.TRC'), 'trc')
  assert.equal(detectCanLogFormat('', 'a.log'), 'candump')
  assert.equal(detectCanLogFormat('', 'a.constructor'), undefined)
})

test('the dates of a Chinese, a German and a UTF-8 log are read, whatever their machines wrote', async () => {
  const head = (bytes: number[]) =>
    Buffer.concat([
      Buffer.from('date '),
      Buffer.from(bytes),
      Buffer.from('\nbase hex  timestamps absolute\n 1.0 1 123 Rx d 0\n'),
    ])
  const ascii = (text: string) => [...Buffer.from(text)]
  const chinese = [
    0xd6,
    0xdc,
    0xc8,
    0xfd,
    ...ascii(' 6'),
    0xd4,
    0xc2,
    ...ascii(' 28 10:11:12.000 '),
    0xcf,
    0xc2,
    0xce,
    0xe7,
    ...ascii(' 2023'),
  ]
  for (const [date, us] of [
    [chinese, Date.UTC(2023, 5, 28, 22, 11, 13)],
    [[...ascii('Die M'), 0xe4, ...ascii('r 7 10:11:12 2023')], Date.UTC(2023, 2, 7, 10, 11, 13)],
    [ascii('周三 6月 28 10:11:12.000 下午 2023'), Date.UTC(2023, 5, 28, 22, 11, 13)],
  ] as const) {
    const bytes = head([...date])
    for (const size of [1, bytes.length]) {
      const cut = (async function* () {
        for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
      })()
      const times: number[] = []
      for await (const { timestampUs } of readCanLog(textLines(cut))) times.push(timestampUs)
      assert.deepEqual(times, [us * 1_000])
    }
  }
})
