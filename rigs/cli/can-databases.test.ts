import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canDbcList } from './can-dbc-list.js'
import { canDecode } from './can-decode.js'
import { testFolder, world } from './can-test-world.js'

const folder = testFolder()
const dbc = (name: string, id: number, message: string, more = '') =>
  folder.file(name, `BO_ ${id} ${message}: 1 A`, ` SG_ S : 0|8@1+ (1,0) [0|0] "" A${more}`)
const BODY = dbc('body.dbc', 0x100, 'Body')
const DRIVE = dbc('drive.dbc', 0x200, 'Drive')
const OTHER = dbc('other.dbc', 0x100, 'Other')
const BAD = dbc('bad.dbc', 0x100, 'Bad', '\n SG_ X m : 0|8@1+ (1,0) [0|0] "" A')

test('several databases: for all channels, or for one, which comes first', async () => {
  const log = folder.file(
    'two.log',
    '(1.000000) can0 100#01',
    '(1.000000) can1 100#02',
    '(1.000000) can1 200#03',
  )
  const here = world()
  assert.equal(await canDecode(log, { dbc: [BODY, DRIVE, `can1=${OTHER}`] }, here.io), 0)
  assert.deepEqual(
    here.lines().map((line) => line.split(':: ')[1]),
    ['Body(S: 1)', 'Other(S: 2)', 'Drive(S: 3)'],
  )
})

test('an id of two databases for the same channels is reported; the first counts', async () => {
  const here = world('(1.000000) can0 100#01\n')
  assert.equal(await canDecode('-', { dbc: [BODY, OTHER] }, here.io), 0)
  assert.match(here.output(), /:: Body\(S: 1\)/)
  assert.match(here.told[0] ?? '', /^1 ids of .*other\.dbc are in .*body\.dbc too, which counts: 0x100$/)
})

test('a database with a mistake is refused with its file, its line and --lenient, which leaves out the signal', async () => {
  await assert.rejects(canDecode('-', { dbc: [BODY, BAD] }, world().io), {
    name: 'DbcSyntaxError',
    message: `${BAD}, line 3, column 8: m is no multiplexer indicator. --lenient leaves out what cannot be read, and goes on`,
  })
  const here = world('(1.000000) can0 100#01\n')
  assert.equal(await canDecode('-', { dbc: [BAD], lenient: true }, here.io), 0)
  assert.match(here.output(), /:: Bad\(S: 1\)/)
  assert.equal(here.told[0], `${BAD}:3:8: m is no multiplexer indicator; signal X is left out`)
})

test('can dbc lists messages, signals and faults; its exit code says that something was left out', () => {
  const sound = world()
  assert.equal(canDbcList(BODY, {}, sound.io), 0)
  assert.deepEqual(sound.lines(), ['0x100  Body  1 bytes  from A', '  S  0|8 intel unsigned  ×1 +0'])
  const bad = world()
  assert.equal(canDbcList(BAD, { json: true }, bad.io), 5)
  const { messages, warnings } = JSON.parse(bad.output()) as {
    messages: { name: string }[]
    warnings: unknown[]
  }
  assert.deepEqual([messages.map(({ name }) => name), warnings.length], [['Bad'], 1])
  assert.equal(bad.told.at(-1), '1 messages, 1 signals; 1 fault, 1 of them left out')
})
