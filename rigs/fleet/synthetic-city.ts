import type { InventoryItem } from '../../reference/contracts/platform-api.js'

/** A place that the bundled gazetteer knows, WGS-84; 9 km from the bays of our own rigs, so that no plan mixes the two. */
export const SYNTHETIC_PLACE = { name: '望京', latitude: 39.9949, longitude: 116.4748 } as const

/** Bays stand 30 m apart, so that 10,000 of them fill a square of 3 km. */
const NORTH_DEGREES = 30 / 111_195
const EAST_DEGREES = NORTH_DEGREES / Math.cos((SYNTHETIC_PLACE.latitude * Math.PI) / 180)
const PRICES_FEN = [300, 500, 600, 800]

/** Bays in rows around a place, for a fleet that has no city of its own. */
export function syntheticCity(locks: number): InventoryItem[] {
  const side = Math.ceil(Math.sqrt(locks))
  return Array.from({ length: locks }, (_, n) => ({
    bayId: `F-${n + 1}`,
    label: `望京 F-${n + 1}`,
    lockId: `FL-${n + 1}`,
    location: {
      latitude: SYNTHETIC_PLACE.latitude + (Math.floor(n / side) - side / 2) * NORTH_DEGREES,
      longitude: SYNTHETIC_PLACE.longitude + ((n % side) - side / 2) * EAST_DEGREES,
    },
    pricePerHourFen: PRICES_FEN[n % PRICES_FEN.length] ?? 0,
  }))
}
