/** TypeScript's view of `vehicle-link.asyncapi.yaml`, which is the authority. */
import type { Position } from './platform-api.js'

export const vehicleTopics = {
  commands: (vehicleId: string) => `vehicles/${vehicleId}/commands`,
  events: (vehicleId: string) => `vehicles/${vehicleId}/events`,
} as const

export type PlanState = 'planned' | 'reserved' | 'unlocked' | 'parked' | 'ended' | 'refused'

/** How far the unlocking of the bay's lock has come. */
export type UnlockStep =
  'requested' | 'accepted' | 'code-sent' | 'unlocked' | 'occupied' | 'ended' | 'refused'

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
      /** How long that walk takes, whole minutes, 0…254; left out where it is not known. */
      readonly etaMinutes?: number
      readonly pricePerHourFen: number
      readonly state: PlanState
      readonly unlockStep?: UnlockStep
    }
  | {
      readonly type: 'plan-state'
      readonly planId: string
      readonly state: PlanState
      /** Left out where it follows from the state. */
      readonly unlockStep?: UnlockStep
    }

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
  /** The command that `plan-shown` or `plan-failed` answers. */
  readonly commandId?: string
  readonly planId?: string
  readonly state?: PlanState
  readonly reason?: string
}
