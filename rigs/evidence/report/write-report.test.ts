import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { buildSampleEvidence, SAMPLE_CODE, SAMPLE_OPENID } from '../sample-evidence.js'
import { startedId } from '../sample-messages.js'
import { writeReport } from './write-report.js'

const reportOf = async (folder: string) => readFileSync(await writeReport(folder), 'utf8')

test('the report is a pure function of the folder: written again, or moved, it has the same bytes', async () => {
  const folder = buildSampleEvidence()
  const first = await reportOf(folder)
  assert.equal(await reportOf(folder), first)
  const moved = join(mkdtempSync(join(tmpdir(), 'lockstep-moved-')), 'elsewhere')
  renameSync(folder, moved)
  assert.equal(await reportOf(moved), first)
})

test('the report stands alone: no script, nothing fetched, no secret', async () => {
  const page = await reportOf(buildSampleEvidence())
  assert.ok(!/<script|<link|<iframe|@import|url\(/i.test(page))
  const sources = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, source]) => source!)
  assert.ok(sources.length > 6 && sources.every((source) => /^(data:image\/png;base64,|#s\d+$)/.test(source)))
  assert.ok(!page.includes(SAMPLE_CODE) && !page.includes(SAMPLE_OPENID))
})

test('hostile text stays text', async () => {
  const hostile = `<script>alert(1)</script>"><img src=x onerror='x'>&\u202e`
  const page = await reportOf(buildSampleEvidence({ hostile }))
  assert.ok(!/<script|<img src=x|\u202e/.test(page))
  assert.ok(page.split('&lt;script&gt;alert(1)').length > 8)
})

test('it shows verdicts, gaps, a scenario that was cut off, the party that broke a contract, and every drawing', async () => {
  const page = await reportOf(buildSampleEvidence())
  for (const shown of [
    'exit 3',
    'RunUnfinished',
    'Not finished: the run ended in the middle of this scenario',
    'not started',
    'violated by platform',
    'The code : the picture code.png is missing or damaged',
    'window.json was not written',
    'aria-label="Bolt position over time"',
    'aria-label="Messages between the parties, in order"',
    'frame ×5',
    '已为您预留 B-17',
    'can0 321#1021323334353637',
    '3 of 19 shown by executed scenarios',
    'StandardFirmata 2.5 on a simulated ATmega328P',
    'power away and read it back',
  ]) {
    assert.ok(page.includes(shown), shown)
  }
})

test('an empty or damaged folder still gives a report, which says what is missing', async () => {
  const empty = await reportOf(mkdtempSync(join(tmpdir(), 'lockstep-empty-')))
  for (const file of ['run.json', 'safe-state.json', 'messages.ndjson'])
    assert.ok(empty.includes(`${file} was not written`), file)
  assert.ok(empty.includes('NothingExecuted'))
  const folder = buildSampleEvidence()
  const scenario = join(folder, 'scenarios', startedId(0))
  writeFileSync(join(folder, 'safe-state.json'), '{"confirmed":tr')
  writeFileSync(join(scenario, 'bolt.ndjson'), '{"hardwareMs":1}\n{"har')
  writeFileSync(join(scenario, 'code.png'), 'x')
  writeFileSync(join(scenario, 'conversation.json'), '7')
  rmSync(join(scenario, 'can.log'))
  const page = await reportOf(folder)
  for (const shown of [
    'exit 4',
    'is not whole JSON',
    'bolt.ndjson holds no sample',
    'code.png is missing or damaged',
    'is no list of lines',
    'can.log is missing',
  ]) {
    assert.ok(page.includes(shown), shown)
  }
})
