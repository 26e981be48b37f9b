/** TypeScript's view of `lock-link.asyncapi.yaml`, which is the authority. */
import type { BatteryState } from '../domain/battery.js'
import type { BoltFault, BoltState, SensorFault } from '../domain/bolt.js'
import type { CameraFault } from '../domain/camera-fault.js'
import type { ComparatorReading, Comparison } from '../domain/comparator.js'
import type { ScanVerdict, Symbology } from '../domain/unlock-code.js'
import type { Wear } from '../domain/wear.js'
import type { BoltPosition, Position } from './platform-api.js'

export const lockTopics = {
  commands: (lockId: string) => `locks/${lockId}/commands`,
  events: (lockId: string) => `locks/${lockId}/events`,
  status: (lockId: string) => `locks/${lockId}/status`,
} as const

interface CommandHead {
  readonly id: string
  readonly issuedAt: string
  readonly expiresAt: string
  readonly correlationId?: string
  /** Of the two, both or none. */
  readonly stream?: string
  readonly sequence?: number
}

/** A command without the envelope. */
export type LockCommandBody =
  | {
      readonly type: 'reserve'
      readonly reservationId: string
      readonly location: Position
      readonly holdUntil: string
      readonly reportedFix?: {
        readonly location: Position
        readonly ageSeconds: number
        readonly hdop?: number
      }
    }
  | {
      readonly type: 'unlock-code'
      readonly reservationId: string
      readonly code: string
      readonly validUntil: string
    }
  | {
      readonly type: 'unlock-key'
      readonly reservationId: string
      readonly rotatingKey: string
      readonly validUntil: string
    }
  | {
      readonly type: 'cancel'
      readonly reservationId: string
      readonly reason: 'cancelled' | 'expired' | 'completed'
    }
  | { readonly type: 'unlock' | 'lock' | 'safe' | 'rearm' }
  | { readonly type: 'report'; readonly settleHardwareMs?: number }
  | { readonly type: 'configure'; readonly comparatorReading: ComparatorReading }
  | { readonly type: 'sync'; readonly reservationId: string | null }

export type LockCommand = CommandHead & LockCommandBody

export type CommandRefusal =
  | 'expired'
  | 'repeated'
  | 'out-of-order'
  | 'malformed'
  | 'unknown-reservation'
  | 'another-reservation'
  | 'vehicle-present'
  | 'fault'
  | 'superseded'
  | 'safe'
  | 'battery-critical'

/** The gravest first. */
export type LockFault =
  'link-lost' | 'board-reset' | BoltFault | 'camera-lost' | 'battery-critical' | 'battery-low'

/** Which readings a `sensor-fault` is about. */
export type FaultDetail = SensorFault | 'battery-sensor'

/** `lost`: no good fix for a while. */
export type GpsState = 'good' | 'lost'

interface EventHead {
  readonly id: string
  readonly at: string
  readonly correlationId?: string
}

/** An event without the envelope. */
export type LockEventBody =
  | {
      readonly type: 'command-result'
      readonly commandId: string
      readonly outcome: 'done' | 'refused'
      readonly reason?: CommandRefusal
      readonly bolt: BoltPosition
      readonly moves: number
      readonly reservationId: string | null
    }
  | {
      readonly type: 'reservation-accepted'
      readonly reservationId: string
      readonly comparatorReading: ComparatorReading
      readonly distanceMetres: number
    }
  | {
      readonly type: 'reservation-refused'
      readonly reservationId: string
      readonly reason: Exclude<Comparison, { readonly same: true }>['refused'] | 'another-reservation'
      readonly distanceMetres?: number
    }
  | { readonly type: 'unlock-code-requested' | 'code-stored'; readonly reservationId: string }
  | {
      readonly type: 'code-scanned'
      readonly verdict: ScanVerdict
      readonly symbology: Symbology
      readonly reservationId?: string
    }
  | { readonly type: 'bolt-changed'; readonly bolt: BoltPosition; readonly reservationId?: string }
  | { readonly type: 'occupancy-changed'; readonly occupied: boolean; readonly reservationId?: string }
  | { readonly type: 'gps-fix'; readonly location: Position; readonly hdop: number }
  | { readonly type: 'fault'; readonly fault: LockFault; readonly detail?: FaultDetail }

export type LockEvent = EventHead & LockEventBody

export interface LockStatus {
  readonly online: boolean
  readonly bolt: BoltPosition
  readonly bootCount: number
  readonly occupied?: boolean
  readonly batteryVolts?: number
  /** The gravest of `faults`. */
  readonly fault?: LockFault
  readonly faults?: readonly LockFault[]
  readonly state?: BoltState
  readonly battery?: BatteryState
  readonly gps?: GpsState
  /** What is wrong with the scanner's camera, the gravest first. */
  readonly camera?: readonly CameraFault[]
  readonly wear?: Wear
  readonly reservationId?: string | null
}
