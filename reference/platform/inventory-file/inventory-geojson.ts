import { visit } from 'jsonc-parser'
import type { InventoryFileSettings, RowValues } from './inventory-fields.js'
import { InventoryFileUnreadable, InventoryTally, type ReadInventory } from './inventory-tally.js'

interface Found {
  readonly line: number
  readonly text: string
}

/** Thrown out of the parser at the first place that is no JSON. */
class NotJson extends Error {
  override readonly name = 'NotJson'
  constructor(readonly line: number) {
    super(`line ${line}`)
  }
}

/** The elements of the outermost object's `features`, one after the other. */
function eachFeature(text: string, take: (feature: Found) => void): boolean {
  let [depth, property, begun, line, found] = [0, '', -1, 0, false]
  let inList = false
  const open = (offset: number, startLine: number) => {
    if (depth === 2 && inList) [begun, line] = [offset, startLine + 1]
    depth++
  }
  const close = (offset: number) => {
    depth--
    if (depth === 1) inList = false
    if (depth !== 2 || begun < 0) return
    take({ line, text: text.slice(begun, offset + 1) })
    begun = -1
  }
  visit(
    text,
    {
      onObjectBegin: (offset, _length, startLine) => open(offset, startLine),
      onArrayBegin(offset, _length, startLine) {
        if (depth === 1) found ||= inList = property === 'features'
        open(offset, startLine)
      },
      onObjectEnd: close,
      onArrayEnd: close,
      onLiteralValue(_value, offset, length, startLine) {
        if (depth !== 2 || !inList) return
        take({ line: startLine + 1, text: text.slice(offset, offset + length) })
      },
      onObjectProperty(name) {
        if (depth === 1) property = name
      },
      onError(_error, _offset, _length, startLine) {
        throw new NotJson(startLine + 1)
      },
    },
    { disallowComments: true, allowTrailingComma: false },
  )
  return found
}

interface Feature {
  readonly properties?: Readonly<Record<string, unknown>> | null
  readonly geometry?: { readonly type?: unknown; readonly coordinates?: unknown } | null
  readonly id?: unknown
}

type Pair = readonly [longitude: number, latitude: number]

const isPair = (value: unknown): value is Pair =>
  Array.isArray(value) && typeof value[0] === 'number' && typeof value[1] === 'number'

/** The point, or the centroid of a bay's outline; GeoJSON says longitude first. */
function centreOf({ geometry }: Feature): Pair | undefined {
  if (geometry?.type === 'Point' && isPair(geometry.coordinates)) return geometry.coordinates
  if (geometry?.type !== 'Polygon' || !Array.isArray(geometry.coordinates)) return undefined
  const ring: unknown = geometry.coordinates[0]
  if (!Array.isArray(ring) || ring.length < 4 || !ring.every(isPair)) return undefined
  const corners = ring as readonly Pair[]
  const [x0, y0] = corners[0] as Pair
  let [area, x, y] = [0, 0, 0]
  corners.slice(1).forEach(([bx, by], at) => {
    const [ax, ay] = corners[at] as Pair
    // Near to zero, so that the digits of a bay are not lost in those of its place on the earth.
    const cross = (ax - x0) * (by - y0) - (bx - x0) * (ay - y0)
    area += cross
    x += (ax + bx - 2 * x0) * cross
    y += (ay + by - 2 * y0) * cross
  })
  return area === 0 ? [x0, y0] : [x0 + x / (3 * area), y0 + y / (3 * area)]
}

function valuesOf(feature: Feature, settings: InventoryFileSettings): RowValues {
  const centre = centreOf(feature)
  const { columns } = settings
  return (column) => {
    if (column === (columns?.longitude ?? 'longitude')) return centre?.[0].toFixed(12)
    if (column === (columns?.latitude ?? 'latitude')) return centre?.[1].toFixed(12)
    const properties = feature.properties ?? {}
    const value = Object.hasOwn(properties, column)
      ? properties[column]
      : column === 'id'
        ? feature.id
        : undefined
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
  }
}

/** What one file may hold, characters: some 500,000 bays. Larger ones are to be split. */
export const MOST_GEOJSON_CHARACTERS = 256 * 1024 * 1024

/**
 * Reads bays from a GeoJSON FeatureCollection of points or outlines (RFC 7946, which means WGS-84; Chinese data is
 * often GCJ-02 all the same, hence the setting). Columns are properties; `id` is also the feature's own.
 * @throws InventoryFileUnreadable
 */
export function readInventoryGeoJson(text: string, settings: InventoryFileSettings): ReadInventory {
  if (text.length > MOST_GEOJSON_CHARACTERS) {
    throw new InventoryFileUnreadable(
      `the file has more than ${MOST_GEOJSON_CHARACTERS} characters; split it`,
    )
  }
  const tally = new InventoryTally(settings)
  let found: boolean
  try {
    found = eachFeature(text, (feature) => {
      const { line } = feature
      const value = JSON.parse(feature.text) as Feature | string | number | boolean | null
      if (typeof value !== 'object' || value === null || Array.isArray(value)) {
        tally.refuse({ line, field: 'row', reason: 'it is not a feature' })
      } else if (!centreOf(value)) {
        tally.refuse({ line, field: 'row', reason: 'its geometry is neither a point nor an outline' })
      } else tally.add(line, valuesOf(value, settings))
    })
  } catch (cause) {
    if (cause instanceof NotJson) {
      throw new InventoryFileUnreadable(`line ${cause.line} is not JSON; nothing was taken`, { cause })
    }
    // The stack's end: what is nested that deep is an attack, not a street.
    if (cause instanceof RangeError)
      throw new InventoryFileUnreadable('the file is nested too deep', { cause })
    throw cause
  }
  if (!found) throw new InventoryFileUnreadable('the file is no FeatureCollection: it has no list `features`')
  return tally.result()
}
