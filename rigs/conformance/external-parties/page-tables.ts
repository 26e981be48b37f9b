import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../../reference/package-root.js'

/** The rows of the table under a heading of docs/external-parties.md, each a cell by its column's name. */
export function pageTable(heading: string): Record<string, string>[] {
  const page = readFileSync(join(packageRoot, 'docs', 'external-parties.md'), 'utf8')
  const section = page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`))
  const lines = section?.split('\n').filter((line) => line.startsWith('|')) ?? []
  const [head, , ...rows] = lines.map((line) =>
    line
      .replaceAll('\\|', '\u0000')
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.replaceAll('\u0000', '|').trim()),
  )
  if (!head || rows.length === 0) throw new Error(`docs/external-parties.md has no table under "${heading}"`)
  return rows.map((cells) => Object.fromEntries(head.map((name, i) => [name, cells[i] ?? ''])))
}

/** The words of a cell; none for a dash. */
export function words(cell: string | undefined): string[] {
  return !cell || cell === '–' ? [] : cell.split(/<br>|, /)
}
