import type { InventoryItem } from '../../contracts/platform-api.js'
import {
  FieldInvalid,
  inventoryItem,
  type BadRow,
  type InventoryFileSettings,
  type RowValues,
} from './inventory-fields.js'
import { UsageFault } from '../../ports/faults.js'

/** Thrown for a file that is not what it is said to be, or beyond what one file may hold. */
export class InventoryFileUnreadable extends UsageFault {
  override readonly name = 'InventoryFileUnreadable'
}

export interface ReadInventory {
  readonly items: readonly InventoryItem[]
  readonly badRows: number
  /** The first of them. */
  readonly bad: readonly BadRow[]
}

/** A city has a few hundred thousand bays. */
const MOST_ROWS = 1_000_000
/** What a person reads of a file that is all wrong. */
const MOST_NAMED = 1_000

/** Keeps the good rows of a file, names and counts the bad ones. */
export class InventoryTally {
  readonly #items: InventoryItem[] = []
  readonly #bad: BadRow[] = []
  readonly #bayLines = new Map<string, number>()
  readonly #lockLines = new Map<string, number>()
  #badRows = 0

  constructor(private readonly settings: InventoryFileSettings) {}

  /** @param line of the file, from 1. @throws InventoryFileUnreadable */
  add(line: number, values: RowValues): void {
    if (this.#items.length + this.#badRows >= MOST_ROWS) {
      throw new InventoryFileUnreadable(`the file has more than ${MOST_ROWS} rows; split it`)
    }
    try {
      const item = inventoryItem(values, this.settings)
      this.#requireNew('bayId', item.bayId, this.#bayLines)
      this.#requireNew('lockId', item.lockId, this.#lockLines)
      this.#bayLines.set(item.bayId, line)
      this.#lockLines.set(item.lockId, line)
      this.#items.push(item)
    } catch (error) {
      if (!(error instanceof FieldInvalid)) throw error
      this.refuse({ line, field: error.field, reason: error.message })
    }
  }

  refuse(row: BadRow): void {
    this.#badRows++
    if (this.#bad.length < MOST_NAMED) this.#bad.push(row)
  }

  result(): ReadInventory {
    return { items: this.#items, badRows: this.#badRows, bad: this.#bad }
  }

  #requireNew(field: 'bayId' | 'lockId', id: string, lines: ReadonlyMap<string, number>): void {
    const line = lines.get(id)
    if (line !== undefined)
      throw new FieldInvalid(field, `${JSON.stringify(id)} stands in line ${line} already`)
  }
}
