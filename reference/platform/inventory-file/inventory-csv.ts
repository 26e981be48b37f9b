import { pipeline } from 'node:stream/promises'
import { parse, type CsvError } from 'csv-parse'
import type { InventoryFileSettings } from './inventory-fields.js'
import { InventoryFileUnreadable, InventoryTally, type ReadInventory } from './inventory-tally.js'

/** Longest row, characters: a hundred columns of words. A quote that is never closed ends there. */
const MOST_ROW_CHARACTERS = 65_536

/** After these nobody can tell where the next row begins. */
const LOST: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quote is opened here and never closed; nothing from here on was read',
  CSV_MAX_RECORD_SIZE: `it is longer than ${MOST_ROW_CHARACTERS} characters; nothing from here on was read`,
}

/** Characters of a stream in an encoding of the WHATWG Encoding Standard. @throws InventoryFileUnreadable */
async function* decoded(bytes: AsyncIterable<Uint8Array>, encoding: string): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true })
  try {
    for await (const chunk of bytes) yield decoder.decode(chunk, { stream: true })
    yield decoder.decode()
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause
    throw new InventoryFileUnreadable(`the file is not ${encoding}; say its encoding, such as gbk`, { cause })
  }
}

/**
 * Reads bays from CSV with a line of column names, row by row: the file is never in memory as a whole.
 * @throws InventoryFileUnreadable, and what reading the bytes throws
 */
export async function readInventoryCsv(
  bytes: AsyncIterable<Uint8Array>,
  settings: InventoryFileSettings & { readonly encoding?: string; readonly delimiter?: string },
): Promise<ReadInventory> {
  const tally = new InventoryTally(settings)
  let columns: Map<string, number> | undefined
  let [lastLine, cut] = [0, false]
  const take = (record: readonly string[], lines: number) => {
    lastLine = lines
    // The parser tells a row's last line; people look for its first.
    const line = lines - record.reduce((breaks, value) => breaks + value.split('\n').length - 1, 0)
    if (!columns) columns = columnsOf(record, settings)
    else if (record.length !== columns.size) {
      const reason = `it has ${record.length} columns, the first line ${columns.size}`
      tally.refuse({ line, field: 'row', reason })
    } else {
      const known = columns
      tally.add(line, (name) => record[known.get(name) ?? -1])
    }
  }
  const parser = parse({
    bom: true,
    delimiter: settings.delimiter ?? ',',
    max_record_size: MOST_ROW_CHARACTERS,
    on_record(record: readonly string[], { lines }) {
      take(record, lines)
      return null
    },
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
  })
  parser.on('skip', (error: CsvError) => {
    if (cut) return
    const what = LOST[error.code]
    cut = what !== undefined
    const line = cut ? lastLine + 1 : Number(error['lines'])
    tally.refuse({ line, field: 'row', reason: what ?? `it is not CSV: ${error.code}` })
  })
  parser.resume()
  await pipeline(
    until(() => cut, decoded(bytes, settings.encoding ?? 'utf-8')),
    parser,
  )
  if (!columns) throw new InventoryFileUnreadable('the file has no line of column names')
  return tally.result()
}

/** What is left of a text, up to where it is of no more use. */
async function* until(over: () => boolean, texts: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const text of texts) {
    if (over()) return
    yield text
  }
}

/** @throws InventoryFileUnreadable */
function columnsOf(names: readonly string[], settings: InventoryFileSettings): Map<string, number> {
  const columns = new Map<string, number>()
  names.forEach((name, at) => columns.set(name.trim(), at))
  if (columns.size !== names.length) throw new InventoryFileUnreadable('two columns have the same name')
  for (const field of ['bayId', 'latitude', 'longitude'] as const) {
    const name = settings.columns?.[field] ?? field
    if (!columns.has(name)) {
      const known = [...columns.keys()].slice(0, 40).join(', ').slice(0, 400)
      throw new InventoryFileUnreadable(
        `there is no column ${JSON.stringify(name)} for ${field}; there are: ${known}`,
      )
    }
  }
  return columns
}
