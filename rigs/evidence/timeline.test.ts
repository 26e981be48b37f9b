import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createRedactor } from './redaction.js'
import { mergeTimelines, sliceTimeline } from './merge-timeline.js'
import { EvidenceUnwritable, openTimeline } from './timeline.js'

const redactor = createRedactor(new Uint8Array(32).fill(1))
const freshFolder = () => mkdtempSync(join(tmpdir(), 'lockstep-timeline-'))

test('processes are merged in causal order, and grouped by user command', () => {
  const folder = freshFolder()
  const open = (process: string, times: string[]) =>
    openTimeline({ folder, process, redactor, monotonic: () => times.shift()! })
  const runner = open('runner', ['9', '30', '30'])
  const board = open('board', ['10', '30'])
  runner.record({ kind: 'message', wire: 'wechat-push', from: 'phone', to: 'wechat', correlationId: 'c1' })
  runner.record({ kind: 'message', from: 'wechat', to: 'cloud', correlationId: 'c1' })
  runner.eventLog('cloud').record('plan-asked', { openid: 'someone-1' }, 'c2')
  board.record({ kind: 'edge', event: 'pin-high' })
  board.record({ kind: 'edge', event: 'pin-low', correlationId: 'c1' })
  const { entries, byCorrelation } = mergeTimelines(folder)
  assert.deepEqual(
    entries.map((entry) => [entry.monotonic, entry.process, entry.sequence]),
    [
      ['9', 'runner', 1],
      ['10', 'board', 1],
      ['30', 'board', 2],
      ['30', 'runner', 2],
      ['30', 'runner', 3],
    ],
  )
  assert.deepEqual(
    [...byCorrelation].map(([id, group]) => [id, group.length]),
    [
      ['c1', 3],
      ['c2', 1],
    ],
  )
  assert.match(JSON.stringify(entries.at(-1)), /"from":"cloud".*"openid":"openid:[0-9a-f]{8}"/)
  assert.equal(sliceTimeline(entries, { fromMonotonic: '10', toMonotonic: '29' }).length, 1)
})

test('half a line of a killed process is counted, and does not swallow what its successor writes', () => {
  const folder = freshFolder()
  const first = openTimeline({ folder, process: 'lock', redactor })
  first.record({ kind: 'event', event: 'born' })
  first.close()
  appendFileSync(join(folder, 'timeline', 'lock.ndjson'), '{"process":"lock","sequ')
  const second = openTimeline({ folder, process: 'lock', redactor })
  second.record({ kind: 'event', event: 'reborn' })
  const { entries, unreadable } = mergeTimelines(folder)
  assert.deepEqual(
    entries.map(({ event, sequence }) => [event, sequence]),
    [
      ['born', 1],
      ['reborn', 3],
    ],
  )
  assert.deepEqual([...unreadable], [['lock.ndjson', 1]])
})

test('what is recorded is on disk at once', () => {
  const folder = freshFolder()
  const timeline = openTimeline({ folder, process: 'runner', redactor })
  timeline.record({ kind: 'event', event: 'now', body: { n: 1 } })
  assert.match(readFileSync(join(folder, 'timeline', 'runner.ndjson'), 'utf8'), /"event":"now".*\n$/)
  timeline.close()
  timeline.close()
  timeline.record({ kind: 'event', event: 'too late' })
})

test('a name that would leave the folder, or a folder that is a file, is refused by name', () => {
  const folder = freshFolder()
  assert.throws(() => openTimeline({ folder, process: '../x', redactor }), EvidenceUnwritable)
  appendFileSync(join(folder, 'file'), '')
  assert.throws(
    () => openTimeline({ folder: join(folder, 'file'), process: 'x', redactor }),
    EvidenceUnwritable,
  )
})
