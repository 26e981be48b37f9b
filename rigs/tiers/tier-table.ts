import type { TierResult } from './tier.js'

const BEGIN = '<!-- tiers: written by .ci/run -->'
const END = '<!-- end of tiers -->'

const minutes = (seconds: number) => (seconds / 60).toFixed(1)

/** Tiers that took longer than their budget. */
export function overBudget(results: readonly TierResult[]): TierResult[] {
  return results.filter(({ tier, wallSeconds }) => wallSeconds > tier.budgetMinutes * 60)
}

/** The tiers of a run with their minutes, as a Markdown table in prettier's form. */
export function tierTable(results: readonly TierResult[], wallSeconds: number): string {
  const sum = results.reduce((seconds, result) => seconds + result.processorSeconds, 0)
  const rows = [
    ['Tier', 'Minutes', 'Processor minutes', 'Budget'],
    ...results.map(({ tier, wallSeconds: wall, processorSeconds }) => [
      tier.name,
      minutes(wall),
      minutes(processorSeconds),
      String(tier.budgetMinutes),
    ]),
    ['The whole', minutes(wallSeconds), minutes(sum), ''],
  ]
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join(' | ')} |`
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`
  const [head, ...others] = rows.map(line)
  return [head, rule, ...others].join('\n')
}

/**
 * Puts a table in the place that the document keeps for it.
 * @throws Error when the document has no such place
 */
export function withTable(document: string, table: string): string {
  const [before, rest] = document.split(BEGIN)
  const after = rest?.split(END)[1]
  if (before === undefined || after === undefined) throw new Error(`the document has no ${BEGIN} … ${END}`)
  return `${before}${BEGIN}\n\n${table}\n\n${END}${after}`
}
