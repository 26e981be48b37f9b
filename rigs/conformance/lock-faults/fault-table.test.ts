import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { packageRoot } from '../../../reference/package-root.js'
import { BOARD_FAULTS } from '../../bench/board/board-messages.js'
import { GPS_FAULT_KINDS } from '../../simulated/gps-receiver/gps-faults.js'
import { PLANT_FAULT_KINDS } from '../../simulated/lock-plant/plant-faults.js'
import { FAULT_CASES } from './fault-cases.js'

const read = (path: string) => readFileSync(join(packageRoot, path), 'utf8')
const SCENARIOS = 'features/resilience/lock-faults.feature'

interface Row {
  readonly fault: string
  readonly verdict: string
  /** Where it is shown: a file, and the title of a test or scenario in it. */
  readonly shown: readonly { readonly path: string; readonly title: string }[]
}

/** The rows of every table on the page whose first cell is a fault. */
function rowsOf(page: string): Row[] {
  return page.split('\n').flatMap((line) => {
    const cells = line.split('|').map((cell) => cell.trim())
    const fault = /^`([a-z-]+)`$/.exec(cells[1] ?? '')?.[1]
    if (fault === undefined) return []
    const shown = (cells[4] ?? '').split('<br>').map((part) => {
      const [, path = '', title = ''] = /^\[[^\]]+\]\(\.\.\/([^)]+)\): (.+)$/.exec(part) ?? []
      return { path, title }
    })
    return [{ fault, verdict: cells[3] ?? '', shown }]
  })
}

const rows = rowsOf(read('docs/lock-faults.md'))

test('every fault that can be played is in the table, with a verdict', () => {
  const kinds = [...PLANT_FAULT_KINDS, ...GPS_FAULT_KINDS, ...BOARD_FAULTS, 'host-stall']
  assert.deepEqual([...new Set(rows.map(({ fault }) => fault))].sort(), kinds.sort())
  assert.ok(rows.every(({ verdict, shown }) => verdict !== '' && shown.length > 0))
})

test('whatever the table names exists', () => {
  for (const { fault, shown } of rows) {
    for (const { path, title } of shown) {
      assert.ok(path !== '' && title !== '', `a cell of ${fault} names nothing`)
      // As it stands in the source: a title in quotes, or a scenario's line.
      assert.ok(read(path).includes(title), `${path} has no "${title}"`)
    }
  }
})

test('every case and every scenario of faults is in the table, under its fault', () => {
  const named = new Set(rows.flatMap(({ fault, shown }) => shown.map(({ title }) => `${fault}: ${title}`)))
  for (const { kind, title } of FAULT_CASES) assert.ok(named.has(`${kind}: ${title}`), `${kind}: ${title}`)
  const titles = new Set(rows.flatMap(({ shown }) => shown.map(({ title }) => title)))
  for (const [, scenario = ''] of read(SCENARIOS).matchAll(/Scenario: (.+)/g)) {
    assert.ok(titles.has(scenario), scenario)
  }
})
