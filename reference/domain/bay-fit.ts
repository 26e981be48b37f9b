/** What stands in a bay beside its lock, metres; without a height it is open above. */
export interface BaySize {
  readonly lengthMetres: number
  readonly widthMetres: number
  readonly heightMetres?: number
}

/** A vehicle from bumper to bumper, without its mirrors, metres. */
export interface VehicleSize {
  readonly lengthMetres: number
  readonly widthMetres: number
  readonly heightMetres: number
}

export type ChargerKind = 'ac' | 'dc'

export interface Charger {
  readonly kind: ChargerKind
  readonly powerKilowatts: number
}

/** What a bay counts as that nobody has measured: the ordinary one for a car, open above. */
export const ORDINARY_BAY: BaySize = { lengthMetres: 5.3, widthMetres: 2.5 }

/** Room that a driver needs to get out, metres on both sides together: a documented choice. */
const DOOR_ROOM_METRES = 0.5

/** Whether a vehicle stands within the bay, with room for its doors. */
export function vehicleFits(vehicle: VehicleSize, bay: BaySize = ORDINARY_BAY): boolean {
  return (
    vehicle.lengthMetres <= bay.lengthMetres &&
    vehicle.widthMetres + DOOR_ROOM_METRES <= bay.widthMetres &&
    vehicle.heightMetres <= (bay.heightMetres ?? Infinity)
  )
}
