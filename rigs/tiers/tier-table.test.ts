import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { packageRoot } from '../../reference/package-root.js'
import type { TierResult } from './tier.js'
import { overBudget, tierTable, withTable } from './tier-table.js'

const result = (name: string, wallSeconds: number): TierResult => ({
  tier: { name, command: name, budgetMinutes: 2 },
  exitCode: 0,
  wallSeconds,
  processorSeconds: 90,
})

test('the table has a row for each tier, and the whole', () => {
  assert.equal(
    tierTable([result('fast', 60), result('slow tier', 150)], 240),
    [
      '| Tier      | Minutes | Processor minutes | Budget |',
      '| --------- | ------: | ----------------: | -----: |',
      '| fast      |     1.0 |               1.5 |      2 |',
      '| slow tier |     2.5 |               1.5 |      2 |',
      '| The whole |     4.0 |               3.0 |        |',
    ].join('\n'),
  )
})

test('a tier that passes its budget is named', () => {
  assert.deepEqual(
    overBudget([result('fast', 120), result('slow', 121)]).map(({ tier: { name } }) => name),
    ['slow'],
  )
})

test('CONTRIBUTING keeps a place for the table, and keeps it again', () => {
  const document = readFileSync(join(packageRoot, 'CONTRIBUTING.md'), 'utf8')
  const once = withTable(document, 'a table')
  assert.match(once, /\n\na table\n\n/)
  assert.equal(withTable(withTable(once, 'another'), 'a table'), once)
  assert.throws(() => withTable('no place', 'a table'), /has no/)
})
