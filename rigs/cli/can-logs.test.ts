import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { lstatSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { describe, test } from 'node:test'
import { canConvert } from './can-convert.js'
import { canDecode } from './can-decode.js'
import { canPlay } from './can-play.js'
import { LogNotWritten, LogOutput } from './can-log-file.js'
import { classic, testFolder, world } from './can-test-world.js'
import { failureExit } from './failure-exit.js'

const folder = testFolder()
const DBC = folder.tripDbc()
const TRIP = '(1436509052.249713) can0 421#7B00E80301100000'

describe('can decode', () => {
  test('a log becomes text with its signals; unknown ids are counted', async () => {
    const here = world()
    const log = folder.file(
      'decode.log',
      TRIP,
      '(1436509052.250000) can0 123#11',
      '(1436509052.250001) can0 421#11',
    )
    assert.equal(await canDecode(log, { dbc: [DBC] }, here.io), 0)
    const [info, unknown, short] = here.lines()
    assert.equal(
      info,
      '(1436509052.249713)  can0  421   [8]  7B 00 E8 03 01 10 00 00 :: Trip(Distance: 123 m, Price: 1000 fen/h, Sequence: 1, State: planned, Counter: 1)',
    )
    assert.equal(unknown, '(1436509052.250000)  can0  123   [1]  11 :: unknown id')
    assert.match(short ?? '', /421 {3}\[1\] {2}11 :: Trip: /)
    assert.deepEqual(here.told, [
      '3 frames, 1 decoded',
      '1 frames are shorter than their messages',
      '1 frames of 1 unknown ids: 0x123',
    ])
  })

  test('what candump prints for people is decoded from a pipe', async () => {
    const here = world('  vcan0  421   [8]  7B 00 E8 03 01 10 00 00\n')
    assert.equal(await canDecode('-', { dbc: [DBC] }, here.io), 0)
    assert.match(here.output(), /^vcan0 {2}421 {3}\[8\] {2}7B 00 E8 03 01 10 00 00 :: Trip\(Distance: 123 m,/)
  })

  test('as JSON, every line is a document', async () => {
    const here = world()
    await canDecode(
      folder.file('json.log', TRIP, '(1.000000) can0 123#R2'),
      { dbc: [DBC], json: true },
      here.io,
    )
    const [info, request] = here.lines().map((line) => JSON.parse(line) as Record<string, unknown>)
    assert.equal(info?.['timestampUs'], 1_436_509_052_249_713)
    assert.deepEqual((info?.['signals'] as Record<string, unknown>)['Distance'], {
      value: 123,
      raw: 123,
      unit: 'm',
    })
    assert.deepEqual((info?.['signals'] as Record<string, unknown>)['State'], {
      value: 0,
      raw: 0,
      name: 'planned',
    })
    assert.deepEqual(request, {
      timestampUs: 1_000_000,
      channel: 'can0',
      id: 0x123,
      extended: false,
      data: '',
      remote: true,
      remoteLength: 2,
    })
  })

  test('a DBC file in a code page of Windows is read', async () => {
    const dbc = folder.path('latin.dbc')
    const text =
      'VERSION ""\n\nNS_ :\n\nBS_:\n\nBU_: A\n\nBO_ 256 Heat: 1 A\n SG_ Temperature : 0|8@1+ (0.1,0) [0|0] "\u00b0C" A\n'
    writeFileSync(dbc, Buffer.from(text, 'latin1'))
    const here = world('(1.000000) can0 100#03\n')
    await canDecode('-', { dbc: [dbc] }, here.io)
    assert.match(here.output(), /:: Heat\(Temperature: 0\.3 °C\)\n$/)
  })

  test('a Chinese DBC file in GBK says what it means; --encoding overrules the guess', async () => {
    const path = folder.path('gbk.dbc')
    const [head, tail] = ['BO_ 256 M: 1 N\n SG_ Door : 0|8@1+ (1,0) [0|0] "" N\nVAL_ 256 Door 0 "', '" ;\n']
    writeFileSync(
      path,
      Buffer.concat([Buffer.from(head), Buffer.of(0xb9, 0xd8, 0xb1, 0xd5), Buffer.from(tail)]),
    )
    const decode = async (encoding?: string) => {
      const here = world('(1.000000) can0 100#00\n')
      await canDecode('-', { dbc: [path], ...(encoding === undefined ? {} : { encoding }) }, here.io)
      return here
    }
    const guessed = await decode()
    assert.match(guessed.output(), /:: M\(Door: 关闭\)\n$/)
    assert.match(
      guessed.told[0] ?? '',
      /gbk\.dbc is read as gbk: it is no UTF-8; --encoding NAME says otherwise/,
    )
    const told = await decode('windows-1252')
    assert.match(told.output(), /:: M\(Door: ¹Ø±Õ\)\n$/)
    assert.equal(told.told[0], '1 frames, 1 decoded')
    await assert.rejects(decode('utf-8'), { name: 'UsageError', message: /is not that of .*gbk\.dbc/ })
    await assert.rejects(decode('klingon'), { name: 'UsageError', message: /klingon is no encoding/ })
  })

  test('what is doubtful in a DBC file is told with its place; with --lenient so are its mistakes', async () => {
    const text = 'BO_ 256 Heat: 1 A\n SG_ Hot : 0|8@1+ (1,0) [0|0] "" A\n'
    const doubtful = folder.file('doubtful.dbc', `${text}CM_ BO_ 7 "x";`)
    const wrong = folder.file('wrong.dbc', `${text} SG_ Cold : 7|1@1+ (1,0) [0|0] "" A`)
    const here = world('(1.000000) can0 100#03\n')
    assert.equal(await canDecode('-', { dbc: [doubtful] }, here.io), 0)
    assert.match(here.told[0] ?? '', /doubtful\.dbc:3:9: .*no message 7/)
    await assert.rejects(canDecode('-', { dbc: [wrong] }, world().io), { name: 'DbcSyntaxError', line: 3 })
    const lenient = world('(1.000000) can0 100#03\n')
    assert.equal(await canDecode('-', { dbc: [wrong], lenient: true }, lenient.io), 0)
    assert.match(lenient.told[0] ?? '', /wrong\.dbc:3:\d+: .*overlap/)
    assert.match(lenient.output(), /:: Heat\(Hot: 3, Cold: 0\)\n$/)
  })

  test('a line that the end of the command cuts is no mistake', async () => {
    const here = world()
    const input = (async function* () {
      yield `${TRIP}\n`
      here.stop.abort()
      yield TRIP.slice(0, -1)
    })()
    assert.equal(await canDecode('-', { dbc: [DBC] }, { ...here.io, input }), 0)
  })

  test('--from names the format of a log whose first line does not', async () => {
    const log = folder.file('headless', '0,500000 1 421 Rx d 8 7B 00 E8 03 01 10 00 00')
    await assert.rejects(canDecode(log, { dbc: [DBC] }, world().io), { message: /name the format/ })
    const here = world()
    assert.equal(await canDecode(log, { dbc: [DBC], from: 'asc' }, here.io), 0)
    assert.match(here.output(), /:: Trip\(Distance: 123 m/)
    assert.equal(await canPlay(log, { bus: 'memory:', speed: 'max', from: 'asc' }, world().io), 0)
    await assert.rejects(canDecode(log, { dbc: [DBC], from: 'blf' }, world().io), { name: 'UsageError' })
  })

  test('a bad line is reported with its place and left out: exit 5; --strict refuses it', async () => {
    const log = folder.file('x.log', TRIP, 'rubbish', TRIP)
    const here = world()
    assert.equal(await canDecode(log, { dbc: [DBC] }, here.io), 5)
    assert.equal(here.lines().length, 2)
    assert.equal(here.told[0], `${log}:2:1: expected "(sec.usec) interface ID#DATA", found "rubbish"`)
    assert.equal(here.told.at(-1), '1 bad line was left out; --strict refuses such a log')
    await assert.rejects(canDecode(log, { dbc: [DBC], strict: true }, world().io), {
      name: 'CanLogSyntaxError',
      line: 2,
    })
  })
})

describe('can convert', () => {
  test('there and back again is the same log, where nothing was said to be lost', async () => {
    const lines = [
      '(1436509052.249713) can0 123#DEADBEEF R',
      '(1436509053.000001) can1 1F334455##5112233 T',
      '(1436509053.000002) can0 123#R4 R',
    ]
    for (const extension of ['asc', 'trc']) {
      const here = world()
      const [there, back] = [folder.path(`c.${extension}`), folder.path(`c-${extension}.log`)]
      assert.equal(await canConvert(folder.file('c.log', ...lines), there, {}, here.io), 0)
      assert.equal(await canConvert(there, back, {}, here.io), 0)
      assert.deepEqual(readFileSync(back, 'utf8').trimEnd().split('\n'), lines)
      assert.ok(!here.told.some((line) => line.startsWith('not carried')), here.told.join('\n'))
    }
  })

  test('a file that is stopped half-way leaves no half log; a pipe that is stopped has come to its end', async () => {
    const lines = ['(1.000000) can0 123#11', '(1.000001) can0 123#12']
    const [log, out] = [folder.file('stopped.log', ...lines), folder.path('stopped.asc')]
    const here = world()
    here.stop.abort()
    assert.equal(await canConvert(log, out, {}, here.io), 3)
    assert.deepEqual(here.told, ['stopped after 0 entries: nothing is written'])
    assert.deepEqual(
      readdirSync(folder.path()).filter((name) => name.startsWith('stopped.asc')),
      [],
    )
    const piped = world()
    const input = (async function* () {
      yield `${lines[0]}\n`
      piped.stop.abort()
    })()
    assert.equal(await canConvert('-', out, {}, { ...piped.io, input }), 0)
    assert.match(readFileSync(out, 'utf8'), /^End TriggerBlock$/m)
  })

  test('an input without times is told as such', async () => {
    const here = world()
    const log = folder.file('timeless.txt', '  can0  123   [1]  11', '  can0  124   [0]')
    assert.equal(await canConvert(log, folder.path('timeless.log'), {}, here.io), 0)
    assert.deepEqual(here.told, ['2 entries', 'the input has no times: 0 stands for them'])
  })

  test('what was not carried is told; with --strict nothing is written', async () => {
    const here = world()
    const log = folder.file(
      'lossy.log',
      '(1.000000) vcan0 123#',
      '(1.000001) vcan0 20000004#0004000000000000',
    )
    const path = folder.path('lossy.trc')
    assert.equal(await canConvert(log, path, {}, here.io), 0)
    assert.deepEqual(
      here.told.map((line) => line.split(':').slice(0, 2).join(':')),
      [
        'not carried by trc: channel of 2 entries',
        'not carried by trc: direction of 1 entry',
        'not carried by trc: errorFrame of 1 entry',
        '2 entries',
      ],
    )
    const strict = folder.path('strict.trc')
    await assert.rejects(canConvert(log, strict, { strict: true }, here.io), {
      name: 'NotCarriedByLog',
      field: 'channel',
    })
    assert.deepEqual(
      readdirSync(folder.path()).filter((name) => name.startsWith('strict')),
      [],
    )
  })

  test('a file that cannot be written is refused by name', async () => {
    const nowhere = folder.path('no/such/folder.asc')
    await assert.rejects(canConvert(folder.file('w.log', TRIP), nowhere, {}, world().io), {
      name: 'UsageError',
      message: `${nowhere} cannot be written`,
    })
  })

  test('an output that is a link is followed; a pipe is written to, not replaced; a folder is refused', async () => {
    const log = folder.file('there.log', TRIP)
    const [target, link, fifo] = ['target.asc', 'link.asc', 'fifo.asc'].map((name) => folder.path(name)) as [
      string,
      string,
      string,
    ]
    writeFileSync(target, '')
    symlinkSync(target, link)
    assert.equal(await canConvert(log, link, {}, world().io), 0)
    assert.ok(lstatSync(link).isSymbolicLink())
    assert.match(readFileSync(target, 'utf8'), /421 +Rx/)

    assert.equal(spawnSync('mkfifo', [fifo]).status, 0)
    const reader = spawn('cat', [fifo])
    const read = text(reader.stdout)
    assert.equal(await canConvert(log, fifo, {}, world().io), 0)
    assert.match(await read, /421 +Rx/)
    assert.ok(lstatSync(fifo).isFIFO())

    await assert.rejects(canConvert(log, folder.path(), { to: 'asc' }, world().io), { name: 'UsageError' })
  })

  test('a disk that becomes full is told by name, and is a failure of the rig', async () => {
    const log = folder.file('full.log', ...new Array<string>(2_000).fill(TRIP))
    const error = await canConvert(log, '/dev/full', { to: 'asc' }, world().io).catch(
      (thrown: Error) => thrown,
    )
    assert.ok(error instanceof LogNotWritten)
    assert.equal(error.message, '/dev/full could not be written to its end')
    assert.match((error.cause as Error).message, /ENOSPC/)
    assert.equal(failureExit(error), 3)
  })

  test('a dump whose disk is slow lets all wait for the same', async () => {
    const warned: Error[] = []
    const onWarning = (warning: Error) => warned.push(warning)
    process.on('warning', onWarning)
    const output = new LogOutput(folder.path('slow.log'), 'candump')
    const entry = { timestampUs: 0, channel: 'can0', frame: classic(1, ...new Array<number>(8).fill(0)) }
    await Promise.all(Array.from({ length: 2_000 }, () => output.write(entry)))
    await output.end()
    // Warnings are told in a later turn.
    await new Promise((resolve) => setImmediate(resolve))
    process.off('warning', onWarning)
    assert.deepEqual(warned, [])
    assert.equal(readFileSync(folder.path('slow.log'), 'utf8').split('\n').length, 2_001)
  })

  test('to the standard output the format must be said', async () => {
    const here = world('(1.000000) can0 123## \n'.replace('## ', '##501'))
    assert.equal(await canConvert('-', '-', { to: 'candump', fdf: false }, here.io), 0)
    assert.equal(here.output(), '(0000000001.000000) can0 123##101\n')
    await assert.rejects(canConvert('-', '-', {}, world().io), { name: 'UsageError' })
    await assert.rejects(canConvert('-', '-', { to: 'asc', utcOffset: '8' }, world().io), {
      name: 'UsageError',
    })
  })
})
