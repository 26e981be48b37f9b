import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeFreeSamples } from './code-free.js'
import { DEGRADATIONS, LEVELS } from './degradations.js'
import { codeSamples, type ScanSample } from './scan-set.js'
import { Tally } from './tally.js'

const sample = (text?: string): ScanSample => ({
  frame: { width: 640, height: 480, grey: new Uint8Array(0), capturedAt: 0 },
  degradation: 'glare',
  level: 1,
  ...(text !== undefined && { truth: { text, symbology: 'qr' } }),
})

test('read, misread and read where nothing is are told apart; the union counts its own readers only', () => {
  const tally = new Tally(['a', 'b'])
  const attempts = (a?: string, b?: string, pipeline?: string) =>
    new Map(Object.entries({ a, b, pipeline }).map(([name, text]) => [name, { text, wallMs: 1 }]))
  tally.add(sample('1'), attempts('1', undefined, '1'))
  tally.add(sample('2'), attempts('x', undefined, '2'))
  tally.add(sample(), attempts(undefined, 'ghost'))
  const [a, b, pipeline] = tally.rows()
  assert.deepEqual([a?.read, a?.falseReads], [1, 1])
  assert.deepEqual([b?.read, b?.falseReads], [0, 1])
  assert.deepEqual([pipeline?.read, pipeline?.falseReads], [2, 0])
  assert.equal(tally.readByAny, 1)
  assert.deepEqual(pipeline?.byDegradation, { glare: { read: 2, frames: 3 } })
})

test('the set is thirteen degradations at six levels, and the same for the same seed', async () => {
  assert.deepEqual([DEGRADATIONS.length, LEVELS], [13, 6])
  const first = async (seed: number) => {
    for await (const one of codeSamples('qr', seed, 0.02)) return one
    return undefined
  }
  const [one, same, other] = [await first(4), await first(4), await first(5)]
  assert.ok(one && same && other)
  assert.deepEqual(one.frame.grey, same.frame.grey)
  assert.notDeepEqual(one.truth, other.truth)
  for await (const free of codeFreeSamples(1, 2)) assert.equal(free.truth, undefined)
})
