import { writeFileSync } from 'node:fs'
import {
  INVENTORY_FIELDS,
  type InventoryField,
  type SurveyDatum,
} from '../../reference/platform/inventory-file/inventory-fields.js'
import {
  readInventoryFile,
  type InventoryFile,
} from '../../reference/platform/inventory-file/read-inventory-file.js'
import { EXIT } from './exit-code.js'
import { UsageError } from './failure-exit.js'
import { loadIntoPlatform } from '../bench/people/load-inventory.js'

/** How a file of bays is to be read. */
export interface InventoryFileFlags {
  readonly datum: SurveyDatum
  readonly column: readonly string[]
  readonly format?: 'csv' | 'geojson'
  readonly encoding?: string
  readonly delimiter?: string
  readonly price?: string
}

export interface InventoryFlags extends InventoryFileFlags {
  readonly out?: string
  readonly platform?: string
  readonly token?: string
  readonly strict?: true
  readonly json?: true
}

/** `bayId=编号`, any number of times. @throws UsageError */
function columnMap(given: readonly string[]): Partial<Record<InventoryField, string>> {
  return Object.fromEntries(
    given.map((pair) => {
      const [field = '', ...rest] = pair.split('=')
      const column = rest.join('=')
      if (!(INVENTORY_FIELDS as readonly string[]).includes(field) || column === '') {
        throw new UsageError(
          `--column ${pair}: write FIELD=COLUMN; the fields are ${INVENTORY_FIELDS.join(', ')}`,
        )
      }
      return [field, column]
    }),
  )
}

/** @throws UsageError */
function defaultPrice(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,7}$/.test(text)) throw new UsageError(`--price ${text}: write whole fen, such as 500`)
  return Number(text)
}

/** How a file of bays is to be read. @throws UsageError */
export function inventoryFileOf(file: string, flags: InventoryFileFlags): InventoryFile {
  const { datum, format, encoding, delimiter } = flags
  const defaultPricePerHourFen = defaultPrice(flags.price)
  return {
    file,
    datum,
    columns: columnMap(flags.column),
    ...(format && { format }),
    ...(encoding !== undefined && { encoding }),
    ...(delimiter !== undefined && { delimiter }),
    ...(defaultPricePerHourFen !== undefined && { defaultPricePerHourFen }),
  }
}

/**
 * Reads a city's bays from a file, tells the rows that are wrong, and hands the good ones on.
 * @returns `passed` though rows were wrong, unless `strict`
 * @throws UsageError, InventoryFileUnreadable, PlatformLoadFailed
 */
export async function inventory(file: string, flags: InventoryFlags): Promise<number> {
  const { datum, platform, out } = flags
  const token = flags.token ?? process.env['LOCKSTEP_OPERATOR_TOKEN']
  if (platform !== undefined && token === undefined) {
    throw new UsageError(
      '--platform needs --token, or LOCKSTEP_OPERATOR_TOKEN, which other users of the machine do not see',
    )
  }
  const { items, bad, badRows } = await readInventoryFile(inventoryFileOf(file, flags))
  if (out !== undefined) writeFileSync(out, `${JSON.stringify({ inventory: items }, null, 2)}\n`)
  const changed =
    platform !== undefined && token !== undefined ? await loadIntoPlatform(items, platform, token) : undefined
  if (flags.json) {
    console.log(
      JSON.stringify({
        file,
        datum,
        bays: items.length,
        badRows,
        bad,
        ...(changed !== undefined && { changed }),
      }),
    )
  } else {
    for (const { line, field, reason } of bad) console.log(`${file}:${line}: ${field}: ${reason}`)
    const loaded = changed === undefined ? '' : `; ${changed} of them new or changed at the platform`
    console.log(`${items.length} bays, ${badRows} bad rows${loaded}`)
  }
  return flags.strict && badRows > 0 ? EXIT.usage : EXIT.passed
}
