import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import type { InventoryFileSettings } from './inventory-fields.js'
import { readInventoryCsv } from './inventory-csv.js'
import { MOST_GEOJSON_CHARACTERS, readInventoryGeoJson } from './inventory-geojson.js'
import { InventoryFileUnreadable, type ReadInventory } from './inventory-tally.js'

export interface InventoryFile extends InventoryFileSettings {
  readonly file: string
  /** By the file's name when left out. */
  readonly format?: 'csv' | 'geojson'
  /** A label of the WHATWG Encoding Standard; CSV only, UTF-8 when left out. */
  readonly encoding?: string
  /** CSV only; a comma when left out. */
  readonly delimiter?: string
}

/**
 * Reads a city's bays from a file: the good rows, and the bad ones by line, field and reason.
 * @throws InventoryFileUnreadable
 */
export async function readInventoryFile(settings: InventoryFile): Promise<ReadInventory> {
  const { file, format = /\.(geo)?json$/i.test(file) ? 'geojson' : 'csv' } = settings
  try {
    const { size } = await stat(file)
    if (format === 'csv') return await readInventoryCsv(createReadStream(file), settings)
    if (size > MOST_GEOJSON_CHARACTERS) {
      throw new InventoryFileUnreadable(`it has more than ${MOST_GEOJSON_CHARACTERS} bytes; split it`)
    }
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file))
    return readInventoryGeoJson(text, settings)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new InventoryFileUnreadable(`${file}: ${reason}`, { cause })
  }
}
