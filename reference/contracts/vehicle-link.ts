/** TypeScript's view of `vehicle-link.asyncapi.yaml`, which is the authority. */
import type { Position } from './platform-api.js'

export const vehicleTopics = {
  commands: (vehicleId: string) => `vehicles/${vehicleId}/commands`,
  events: (vehicleId: string) => `vehicles/${vehicleId}/events`,
} as const

export type PlanState = 'planned' | 'reserved' | 'unlocked' | 'parked' | 'ended' | 'refused'

/** A command without the envelope. */
export type VehicleCommandBody =
  | {
      readonly type: 'show-plan'
      readonly planId: string
      readonly bayId: string
      readonly label: string
      readonly location: Position
      /** Whole metres, 0…65535. */
      readonly walkMetres: number
      readonly pricePerHourFen: number
      readonly state: PlanState
    }
  | { readonly type: 'plan-state'; readonly planId: string; readonly state: PlanState }

export type VehicleCommand = VehicleCommandBody & {
  readonly id: string
  readonly issuedAt: string
  readonly expiresAt: string
  readonly correlationId?: string
}

export interface VehicleEvent {
  readonly id: string
  readonly type: 'born' | 'plan-shown' | 'plan-failed'
  readonly at: string
  readonly correlationId?: string
  readonly planId?: string
  readonly state?: PlanState
  readonly reason?: string
}
