import {
  CoordinateOutOfRange,
  gcj02,
  gcj02ToWgs84,
  wgs84,
  type Wgs84Point,
} from '../../domain/coordinates.js'
import { bayId, lockId } from '../../domain/identifiers.js'
import type { InventoryItem } from '../../contracts/platform-api.js'

/** What a row may say of a bay. A price is in one of the two units. */
export const INVENTORY_FIELDS = [
  'bayId',
  'label',
  'lockId',
  'latitude',
  'longitude',
  'pricePerHourFen',
  'pricePerHourYuan',
  'lengthMetres',
  'widthMetres',
  'heightMetres',
  'chargerKind',
  'chargerKilowatts',
] as const
export type InventoryField = (typeof INVENTORY_FIELDS)[number]

export type SurveyDatum = 'WGS-84' | 'GCJ-02'

export interface InventoryFileSettings {
  /** In which the file's coordinates are: a file does not say, and a wrong guess is off by hundreds of metres. */
  readonly datum: SurveyDatum
  /** The file's name of a field, where it is not the field's own. */
  readonly columns?: Partial<Record<InventoryField, string>>
  /** For rows that name no price, fen an hour. */
  readonly defaultPricePerHourFen?: number
}

/** Why a row is not taken. The reason may repeat the value, cut short. */
export interface BadRow {
  /** Of the file, from 1. */
  readonly line: number
  /** The field, or the whole row. */
  readonly field: InventoryField | 'row'
  readonly reason: string
}

export class FieldInvalid extends Error {
  override readonly name = 'FieldInvalid'
  constructor(
    readonly field: BadRow['field'],
    reason: string,
  ) {
    super(reason)
  }
}

/** A value as an error shows it: no control characters, and no more of it than helps. */
const shown = (value: string) => JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)

/** One row by the names of its columns. */
export type RowValues = (column: string) => string | undefined

class Row {
  constructor(
    private readonly values: RowValues,
    private readonly settings: InventoryFileSettings,
  ) {}

  text(field: InventoryField): string | undefined {
    const value = this.values(this.settings.columns?.[field] ?? field)?.trim()
    return value === '' ? undefined : value
  }

  number(field: InventoryField, least: number, most: number): number | undefined {
    const value = this.text(field)
    if (value === undefined) return undefined
    // Number() alone would take "0x10", "1e3" and "Infinity" as well.
    const number = /^[+-]?\d{1,15}(\.\d{1,15})?$/.test(value) ? Number(value) : NaN
    if (Number.isNaN(number)) throw new FieldInvalid(field, `${shown(value)} is not a decimal number`)
    if (number < least || number > most) {
      throw new FieldInvalid(field, `${shown(value)} is not between ${least} and ${most}`)
    }
    return number
  }

  required<T>(field: InventoryField, value: T | undefined): T {
    const column = this.settings.columns?.[field] ?? field
    if (value === undefined) throw new FieldInvalid(field, `there is no value in ${shown(column)}`)
    return value
  }

  identifier(field: InventoryField, check: (text: string) => string, value: string): string {
    try {
      return check(value)
    } catch {
      throw new FieldInvalid(field, `${shown(value)} is not 1 to 64 letters, digits, "-" or "_"`)
    }
  }
}

function locationOf(row: Row, datum: SurveyDatum): Wgs84Point {
  const latitude = row.required('latitude', row.number('latitude', -1e6, 1e6))
  const longitude = row.required('longitude', row.number('longitude', -1e6, 1e6))
  try {
    if (datum === 'WGS-84') return wgs84(latitude, longitude)
    const point = gcj02ToWgs84(gcj02(latitude, longitude))
    if (point) return point
  } catch (error) {
    if (!(error instanceof CoordinateOutOfRange)) throw error
    throw new FieldInvalid(Math.abs(latitude) > 90 ? 'latitude' : 'longitude', error.message)
  }
  throw new FieldInvalid('latitude', 'this GCJ-02 position has no WGS-84 one')
}

/** Surveys hold centimetres, not more. */
const MOST_METRES = 100
const LEAST_METRES = 0.01
const MOST_FEN = 1_000_000
const MOST_KILOWATTS = 10_000
const MOST_LABEL = 64

function priceOf(row: Row, settings: InventoryFileSettings): number {
  const fen = row.number('pricePerHourFen', 0, MOST_FEN)
  if (fen !== undefined && !Number.isInteger(fen)) {
    throw new FieldInvalid('pricePerHourFen', `${fen} is not a whole number of fen`)
  }
  const yuan = row.number('pricePerHourYuan', 0, MOST_FEN / 100)
  const price = fen ?? (yuan === undefined ? undefined : Math.round(yuan * 100))
  return row.required('pricePerHourFen', price ?? settings.defaultPricePerHourFen)
}

function equipmentOf(row: Row): Pick<InventoryItem, 'size' | 'charger'> {
  const lengthMetres = row.number('lengthMetres', LEAST_METRES, MOST_METRES)
  const widthMetres = row.number('widthMetres', LEAST_METRES, MOST_METRES)
  const heightMetres = row.number('heightMetres', LEAST_METRES, MOST_METRES)
  if ((lengthMetres === undefined) !== (widthMetres === undefined)) {
    throw new FieldInvalid(lengthMetres === undefined ? 'lengthMetres' : 'widthMetres', 'a size needs both')
  }
  const kind = row.text('chargerKind')?.toLowerCase()
  if (kind !== undefined && kind !== 'ac' && kind !== 'dc') {
    throw new FieldInvalid('chargerKind', `${shown(kind)} is neither ac nor dc`)
  }
  const powerKilowatts = row.number('chargerKilowatts', 0.1, MOST_KILOWATTS)
  if (kind !== undefined) row.required('chargerKilowatts', powerKilowatts)
  return {
    ...(lengthMetres !== undefined &&
      widthMetres !== undefined && {
        size: { lengthMetres, widthMetres, ...(heightMetres !== undefined && { heightMetres }) },
      }),
    ...(kind !== undefined && powerKilowatts !== undefined && { charger: { kind, powerKilowatts } }),
  }
}

/** @throws FieldInvalid for the first field that is wrong */
export function inventoryItem(values: RowValues, settings: InventoryFileSettings): InventoryItem {
  const row = new Row(values, settings)
  const bay = row.identifier('bayId', bayId, row.required('bayId', row.text('bayId')))
  const label = row.text('label') ?? bay
  if ([...label].length > MOST_LABEL || /\p{Cc}/u.test(label)) {
    throw new FieldInvalid('label', `${shown(label)} is longer than ${MOST_LABEL} or has control characters`)
  }
  const { latitude, longitude } = locationOf(row, settings.datum)
  return {
    bayId: bay,
    label,
    lockId: row.identifier('lockId', lockId, row.text('lockId') ?? bay),
    location: { latitude, longitude },
    pricePerHourFen: priceOf(row, settings),
    ...equipmentOf(row),
  }
}
