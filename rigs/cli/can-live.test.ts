import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { CanReception } from '../../reference/can/can-reception.js'
import { CanBusFault, CanBusUnavailable, type CanFrame } from '../../reference/ports/can-bus.js'
import { createMemoryCan } from '../simulated/memory-can/memory-can.js'
import { canDump, type CanDumpFlags } from './can-dump.js'
import type { CanIo } from './can-io.js'
import { canPlay } from './can-play.js'
import { canSend } from './can-send.js'
import { classic, testFolder, world } from './can-test-world.js'

const folder = testFolder()
const DBC = folder.tripDbc()

describe('can dump', () => {
  async function dump(flags: Omit<CanDumpFlags, 'bus'>, frames: readonly CanFrame[]) {
    const here = world()
    const done = canDump({ bus: 'memory:', ...flags }, here.io)
    await here.opened
    const sender = here.can.join('sender')
    for (const frame of frames) await sender.send(frame)
    here.stop.abort()
    const code = await done
    await here.can.close()
    return { ...here, code }
  }

  test("prints candump's log lines until it is stopped", async () => {
    const { code, lines } = await dump({}, [classic(0x123, 1, 2), classic(0x18daf110)])
    assert.equal(code, 0)
    assert.match(lines()[0] ?? '', /^\(\d{10}\.\d{6}\) can0 123#0102$/)
    assert.match(lines()[1] ?? '', /^\(\d{10}\.\d{6}\) can0 18DAF110#$/)
  })

  test('ends by itself after so many frames', async () => {
    const here = world()
    const done = canDump({ bus: 'memory:', count: '2' }, here.io)
    await here.opened
    const sender = here.can.join('sender')
    for (let i = 0; i < 4; i++) await sender.send(classic(i))
    assert.equal(await done, 0)
    assert.equal(here.lines().length, 2)
  })

  test('filters by id and mask; an id of 8 digits is of 29-bit frames', async () => {
    const frames = [
      classic(0x123),
      classic(0x12f),
      classic(0x200),
      classic(0x18daf110),
      { ...classic(0x123), extended: true },
    ]
    const shown = async (...filter: string[]) =>
      (await dump({ filter }, frames)).lines().map((line) => line.split(' ')[2])
    assert.deepEqual(await shown('120:7F0'), ['123#', '12F#'])
    assert.deepEqual(await shown('18DAF110:1FFFFFFF', '200:7FF'), ['200#', '18DAF110#'])
    assert.deepEqual(await shown('100~700'), ['200#', '18DAF110#', '00000123#'])
  })

  test('decodes, or prints JSON', async () => {
    const info = classic(0x421, 0x7b, 0, 0xe8, 3, 1, 0x10, 0, 0)
    const text = await dump({ dbc: [DBC] }, [info])
    assert.match(text.output(), /can0 {2}421 {3}\[8\] {2}7B 00 E8 03 01 10 00 00 :: Trip\(Distance: 123 m, /)
    const json = await dump({ dbc: [DBC], json: true }, [info])
    const document = JSON.parse(json.output()) as Record<string, unknown>
    assert.equal(document['message'], 'Trip')
    assert.equal(document['id'], 0x421)
    assert.equal(document['data'], '7B00E80301100000')
    assert.equal(document['direction'], 'rx')
  })

  test('writes a log beside it, whole and under its own name', async () => {
    const path = folder.path('dump.asc')
    await dump({ log: path }, [classic(0x123, 1)])
    assert.match(readFileSync(path, 'utf8'), / 1 {2}123 +Rx {3}d 1 01\nEnd TriggerBlock\n$/)
    assert.deepEqual(
      readdirSync(folder.path()).filter((name) => name.endsWith('.part')),
      [],
    )
  })

  test('tells what was lost; with --strict that is a failure of the rig', async () => {
    for (const [strict, expected] of [
      [false, 0],
      [true, 3],
    ] as const) {
      const here = world()
      const done = canDump({ bus: 'memory:', strict }, here.io)
      await here.opened
      here.can.dropTo('command', ({ id }) => id === 2)
      const sender = here.can.join('sender')
      for (const id of [1, 2, 3]) await sender.send(classic(id))
      here.stop.abort()
      assert.equal(await done, expected)
      assert.deepEqual(here.told, ['1 frames were lost on their way here'])
    }
  })

  test('a bus that ends under it is its failure, and leaves no half log', async () => {
    const reception = new CanReception({})
    const here = world()
    const bus = here.can.join('faulty')
    const io: CanIo = {
      ...here.io,
      openBus: async () => ({ ...bus, lost: bus.lost, onFault: reception.onFault }),
    }
    const path = folder.path('faulty.trc')
    const done = canDump({ bus: 'memory:', log: path }, io)
    setImmediate(() => reception.fail(new CanBusFault('unplugged')))
    await assert.rejects(done, CanBusFault)
    assert.deepEqual(
      readdirSync(folder.path()).filter((name) => name.startsWith('faulty')),
      [],
    )
  })

  test('flags that cannot be used are refused before the bus is opened', async () => {
    const io: CanIo = {
      ...world().io,
      openBus: () => Promise.reject(new CanBusUnavailable('x', 'refused', 'opened', '')),
    }
    for (const flags of [
      { filter: ['123'] },
      { filter: ['FFF:7FF'] },
      { count: '0' },
      { seconds: 'x' },
      { seconds: '1e9' },
      { dbc: [folder.path()] },
      { format: 'asc' },
      { log: folder.path('x.csv') },
      { log: folder.path('x.log'), format: 'blf' },
      { dbc: [folder.path('none.dbc')] },
    ]) {
      await assert.rejects(
        canDump({ bus: 'memory:', ...flags }, io),
        { name: 'UsageError' },
        JSON.stringify(flags),
      )
    }
  })
})

describe('can send', () => {
  async function send(words: readonly string[], dbc?: string) {
    const here = world()
    const sent: unknown[] = []
    here.can.tap(({ timestampUs: _, ...frame }) => sent.push({ ...frame, data: [...frame.data] }))
    const code = await canSend(words, { bus: 'memory:', ...(dbc ? { dbc: [dbc] } : {}) }, here.io)
    return { code, sent }
  }

  test("takes cansend's syntax, in order", async () => {
    const { sent, code } = await send(['123#DEADBEEF', '1F334455#11', '123#R4', '123#11.22.33'])
    assert.equal(code, 0)
    assert.deepEqual(sent, [
      { id: 0x123, extended: false, data: [0xde, 0xad, 0xbe, 0xef] },
      { id: 0x1f334455, extended: true, data: [0x11] },
      { id: 0x123, extended: false, data: [], remote: true, remoteLength: 4 },
      { id: 0x123, extended: false, data: [0x11, 0x22, 0x33] },
    ])
  })

  test('encodes a message, by value or by name', async () => {
    const words = ['Trip', 'Distance=123', 'Price=1000', 'Sequence=1', 'State=planned', 'Counter=1']
    assert.deepEqual((await send(words, DBC)).sent, [
      { id: 0x421, extended: false, data: [0x7b, 0, 0xe8, 3, 1, 0x10, 0, 0] },
    ])
  })

  test('a message of an FD frame is sent as one, however short; one that no frame holds is refused', async () => {
    const file = folder.file(
      'fd.dbc',
      'BO_ 1 Short: 2 A',
      'BO_ 2 Odd: 9 A',
      'BO_ 3 Long: 65 A',
      'BA_DEF_ BO_ "VFrameFormat" ENUM "StandardCAN","StandardCAN_FD";',
      'BA_ "VFrameFormat" BO_ 1 1;',
    )
    // This bus is a classic one.
    await assert.rejects(send(['Short'], file), { name: 'CanFrameNotCarried' })
    await assert.rejects(send(['Odd'], file), { name: 'CanFrameNotCarried' })
    await assert.rejects(send(['Long'], file), { name: 'UsageError', message: /65 bytes/ })
  })

  test('what is no frame, no message or no signal is refused by name, and nothing is sent', async () => {
    await assert.rejects(send(['123#00', '123']), { name: 'MalformedCanFrame' })
    await assert.rejects(send(['123#0']), { name: 'MalformedCanFrame' })
    await assert.rejects(send(['20000004#0000000000000000']), { name: 'UsageError' })
    await assert.rejects(send([]), { name: 'UsageError' })
    await assert.rejects(send(['Nothing'], DBC), { name: 'UnknownDbcMessage' })
    await assert.rejects(send(['Answer', 'Result'], DBC), { name: 'UsageError' })
    await assert.rejects(send(['Answer', 'Result=1', 'Result=2'], DBC), { name: 'UsageError' })
    await assert.rejects(send(['Answer', 'Result=1', '__proto__=1'], DBC), { name: 'SignalNotEncodable' })
    await assert.rejects(send(['Answer', 'Result=99'], DBC), { name: 'SignalNotEncodable' })
    await assert.rejects(send(['123##1AABB']), { name: 'CanFrameNotCarried' })
  })

  test('where one frame is not carried, those before it are not sent either', async () => {
    const here = world()
    const sent: number[] = []
    here.can.tap(({ id }) => sent.push(id))
    const io: CanIo = {
      ...here.io,
      openBus: async () => {
        const bus = here.can.join('classic')
        return { ...bus, lost: bus.lost, features: { ...bus.features, fd: false } }
      },
    }
    await assert.rejects(canSend(['123#00', '124##1AABB'], { bus: 'memory:' }, io), {
      name: 'CanFrameNotCarried',
      message: /0x124/,
    })
    assert.deepEqual(sent, [])
  })
})

test(
  'a send that nobody acknowledges, or that is stopped, is a failure of the rig that says why',
  { timeout: 10_000 },
  async () => {
    const stop = new AbortController()
    const here = world()
    const io: CanIo = {
      ...here.io,
      stop: stop.signal,
      openBus: async () => createMemoryCan().join('command'),
    }
    const log = folder.file('lonely.log', '(1.000000) can0 123#11', '(1.000000) can0 124#11')
    for (const fault of [
      () => canSend(['123#11'], { bus: 'memory:x', timeout: '0.02' }, io),
      () => canPlay(log, { bus: 'memory:x', timeout: '0.02' }, io),
    ]) {
      await assert.rejects(fault(), {
        name: 'CanBusFault',
        message: /^memory:x: no frame could be sent for 0\.02 s/,
      })
    }
    const sent = canSend(['123#11', '124#11'], { bus: 'memory:x', timeout: '60' }, io)
    const played = canPlay(log, { bus: 'memory:x', timeout: '60' }, io)
    setImmediate(() => stop.abort())
    assert.deepEqual(await Promise.all([sent, played]), [3, 0])
    assert.deepEqual(
      here.told.map((line) => line.replace(/ in .*/, '')),
      ['stopped after 0 of 2 frames', 'stopped after 0 frames'],
    )
    for (const timeout of ['0', 'x', '-1', '1e9']) {
      await assert.rejects(canSend(['123#11'], { bus: 'memory:x', timeout }, io), { name: 'UsageError' })
      await assert.rejects(canPlay(log, { bus: 'memory:x', timeout }, io), { name: 'UsageError' })
    }
  },
)

describe('can play', () => {
  test('plays a log of any format, and tells what it left out', async () => {
    const here = world()
    const ids: number[] = []
    here.can.tap(({ id }) => ids.push(id))
    const log = folder.file(
      'play.log',
      '(1.000000) can0 123#11',
      '(1.000500) can1 124#11',
      '(1.001000) can0 125##411',
      '(1.001000) can0 20000080#0000000000000000',
      '(1.002000) can0 126#',
    )
    assert.equal(await canPlay(log, { bus: 'memory:', channel: ['can0'], loops: '2' }, here.io), 0)
    assert.deepEqual(ids, [0x123, 0x126, 0x123, 0x126])
    assert.match(
      here.told[0] ?? '',
      /^4 frames in \d+\.\d{3} s; late by [\d.]+ ms on average, [\d.]+ ms at worst$/,
    )
    assert.deepEqual(here.told.slice(1), [
      '2 frames were left out: this bus cannot carry them',
      '2 error frames were left out: nobody can send them',
      '2 frames of other channels were left out',
    ])
  })

  test('plays the standard input as fast as the bus takes it', async () => {
    const here = world('(1.000000) can0 123#11\n(9999.000000) can0 124#11\n')
    assert.equal(await canPlay('-', { bus: 'memory:', speed: 'max' }, here.io), 0)
    assert.match(here.told[0] ?? '', /^2 frames in \d+\.\d{3} s$/)
  })

  test('a log with a bad line is played without it; --strict names the line; flags that cannot be used are refused', async () => {
    const { io, told } = world()
    const log = folder.file('bad.log', '(1.000000) can0 123#11', '(1.000000) can0 123#1')
    assert.equal(await canPlay(log, { bus: 'memory:', speed: 'max', loops: '2' }, io), 5)
    assert.equal(told.filter((line) => line.startsWith(`${log}:2:17: `)).length, 1)
    assert.match(told[1] ?? '', /^2 frames/)
    await assert.rejects(canPlay(log, { bus: 'memory:', speed: 'max', strict: true }, io), {
      name: 'CanLogSyntaxError',
      line: 2,
    })
    for (const flags of [{ speed: '0' }, { speed: 'fast' }, { loops: '0' }, { gapLimit: '-1' }]) {
      await assert.rejects(canPlay(log, { bus: 'memory:', ...flags }, io), { name: 'UsageError' })
    }
    await assert.rejects(canPlay('-', { bus: 'memory:', loops: '2' }, io), { name: 'UsageError' })
    await assert.rejects(canPlay(folder.path('none.log'), { bus: 'memory:' }, io), { name: 'UsageError' })
  })
})
