import { resolve } from 'node:path'
import type { InventoryFile } from '../../../reference/platform/inventory-file/read-inventory-file.js'

interface WithInventory {
  readonly inventory?: InventoryFile | readonly unknown[]
}

/** Bad rows that are told one by one; `lockstep inventory` tells all. */
const MOST_TOLD = 20

/**
 * Settings whose `inventory` is a city's own file, with the bays of that file in its place. Bad rows go to standard
 * error.
 * @throws InventoryFileUnreadable
 */
export async function withInventory(settings: object, folder: string): Promise<object> {
  const { inventory } = settings as WithInventory
  if (!inventory || Array.isArray(inventory)) return settings
  const { readInventoryFile } =
    await import('../../../reference/platform/inventory-file/read-inventory-file.js')
  const chosen = inventory as InventoryFile
  const { items, bad, badRows } = await readInventoryFile({ ...chosen, file: resolve(folder, chosen.file) })
  for (const { line, field, reason } of bad.slice(0, MOST_TOLD)) {
    process.stderr.write(`${chosen.file}:${line}: ${field}: ${reason}\n`)
  }
  if (badRows > 0) process.stderr.write(`${chosen.file}: ${items.length} bays taken, ${badRows} rows not\n`)
  return { ...settings, inventory: items }
}
