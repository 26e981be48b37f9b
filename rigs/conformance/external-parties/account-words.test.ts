import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { packageRoot } from '../../../reference/package-root.js'
import { pageTable } from './page-tables.js'

const CHINESE = /[\u4e00-\u9fff][\u4e00-\u9fff：]*/g

function sources(folder: string, suffix: string): string {
  return readdirSync(join(packageRoot, folder), { recursive: true })
    .map(String)
    .filter((file) => file.endsWith(suffix))
    .map((file) => readFileSync(join(packageRoot, folder, file), 'utf8'))
    .join('\n')
}

test('the page has every Chinese word that steps and features send or expect, and no other', () => {
  const used = new Set(
    [
      sources('step-definitions', '.ts'),
      sources('features', '.feature'),
      sources('rigs/bench/stage', 'stage.ts'),
    ]
      .join('\n')
      .match(CHINESE),
  )
  const onPage = new Set(
    pageTable('What the cloud says and understands').flatMap(({ Words: words = '', When: when = '' }) => [
      ...(words.match(CHINESE) ?? []),
      ...(when.match(CHINESE) ?? []),
    ]),
  )
  const parts = (all: ReadonlySet<string>) =>
    new Set([...all].flatMap((word) => word.split('：')).filter(Boolean))
  // A place that no gazetteer has, and the label of a location: a cloud need not know them.
  const free = new Set(['亚特兰蒂斯', '我在这里'])
  assert.deepEqual([...parts(used)].filter((word) => !free.has(word)).sort(), [...parts(onPage)].sort())
})
