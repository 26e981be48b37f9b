/** TypeScript's view of `platform.openapi.yaml`, which is the authority. */
import type { BaySize, Charger } from '../domain/bay-fit.js'
import type { BatteryState } from '../domain/battery.js'
import type { BoltState } from '../domain/bolt.js'
import type { Symbology } from '../domain/unlock-code.js'
import type { Wear } from '../domain/wear.js'

export interface Position {
  /** WGS-84 degrees. */
  readonly latitude: number
  readonly longitude: number
}

export type BoltPosition = 'up' | 'down' | 'moving' | 'unknown'

/** What a lock last said of itself: its machine's regions by name, its faults, its wear. */
export interface LockSaid {
  readonly state?: BoltState
  readonly battery?: BatteryState
  readonly batteryVolts?: number
  readonly gps?: 'good' | 'lost'
  readonly camera?: readonly string[]
  readonly faults?: readonly string[]
  readonly wear?: Wear
}

export interface Space {
  readonly bayId: string
  readonly label: string
  readonly lockId: string
  readonly location: Position
  readonly pricePerHourFen: number
  readonly size?: BaySize
  readonly charger?: Charger
  readonly occupancy: 'free' | 'occupied' | 'unknown'
  readonly reservation: 'none' | 'held' | 'accepted' | 'code-issued' | 'unlocked'
  readonly lockHealth: 'ok' | 'offline' | 'fault'
  readonly bolt: BoltPosition
  /** By how much the lock's clock is wrong at least, negative when it is behind; none when nothing is wrong with it. */
  readonly lockClockAheadSeconds?: number
  /** False when an operator has taken the bay out of service. */
  readonly inService?: boolean
  readonly lock?: LockSaid
  readonly lastFix?: { readonly location: Position; readonly at: string }
}

export interface SpaceList {
  readonly spaces: readonly Space[]
  /** Opaque: where the next question may go on (`after`); none from a platform that always tells everything. */
  readonly cursor?: string
  /** Only what changed since the cursor that was sent. */
  readonly changesOnly?: boolean
  /** The cursor is not yet the end: what is asked after it goes on. */
  readonly more?: boolean
  /** Goes on with the list whose cursor was sent; else the list begins anew. */
  readonly continued?: boolean
}

/** One parking space and the lock that guards it. */
export interface InventoryItem {
  readonly bayId: string
  readonly label: string
  readonly lockId: string
  /** Surveyed centre of the bay, WGS-84. */
  readonly location: Position
  /** Price in fen (0.01 CNY) an hour. */
  readonly pricePerHourFen: number
  readonly size?: BaySize
  readonly charger?: Charger
}

export interface ReservationRequest {
  readonly bayId: string
  readonly location: Position
  readonly userRef: string
  readonly symbology: Symbology
  readonly holdSeconds?: number
}

export type ReservationState =
  | 'held'
  | 'accepted'
  | 'code-issued'
  | 'unlocked'
  | 'occupied'
  | 'completed'
  | 'refused'
  | 'cancelled'
  | 'expired'

export interface Reservation {
  readonly reservationId: string
  readonly bayId: string
  readonly state: ReservationState
  readonly reason?: string
  /** RFC 3339. */
  readonly expiresAt: string
}

export type AlertKind =
  | 'foreign-code'
  | 'throttled-code'
  | 'used-code'
  | 'expired-code'
  | 'misread-code'
  | 'coordinates-refused'
  | 'lock-fault'
  | 'lock-offline'
  | 'lock-silent'
  | 'clock-drift'

export interface Alert {
  /** Where the next question may go on (`after`); none from a platform that does not page its alerts. */
  readonly sequence?: number
  readonly alertId: string
  /** When it was raised first, RFC 3339. */
  readonly at: string
  /** When it was raised last, RFC 3339; as `at` if left out. */
  readonly lastAt?: string
  /** How often it was raised between the two; once if left out. */
  readonly times?: number
  readonly lockId: string
  readonly bayId: string
  readonly kind: AlertKind
  readonly detail?: string
}

export interface AuditEntry {
  /** Rises with every entry. */
  readonly sequence: number
  readonly at: string
  /** `?` for a stranger. */
  readonly party: string
  readonly action: string
  readonly target: string
  /** `done`, or why it was refused. */
  readonly outcome: string
}

export type TransitionAxis = 'reservation' | 'occupancy' | 'bolt' | 'lock-health' | 'service'

export interface BayTransition {
  /** Rises with every transition of the platform. */
  readonly sequence: number
  readonly at: string
  readonly axis: TransitionAxis
  readonly state: string
  readonly reservationId?: string
  readonly cause: string
}

export interface OperatorCommand {
  readonly type: 'unlock' | 'lock' | 'safe' | 'rearm' | 'report' | 'configure' | 'sync'
  readonly expiresInSeconds?: number
  readonly settleHardwareMs?: number
  readonly comparatorReading?: 'preset' | 'reported'
}

export interface LockReport {
  readonly outcome: 'done' | 'refused'
  readonly reason?: string
  readonly bolt: BoltPosition
  readonly moves?: number
  readonly reservationId?: string | null
}

export type PlatformEventType =
  | 'reservation-accepted'
  | 'reservation-refused'
  | 'code-issued'
  | 'bay-unlocked'
  | 'bay-occupied'
  | 'bay-left'
  | 'reservation-completed'
  | 'reservation-cancelled'
  | 'reservation-expired'

export interface PlatformEvent {
  readonly eventId: string
  readonly type: PlatformEventType
  readonly at: string
  readonly bayId: string
  readonly reservationId?: string
  readonly correlationId?: string
  readonly reason?: string
  readonly code?: string
  readonly symbology?: Symbology
}

export type ProblemCode =
  | 'bay-taken'
  | 'bay-unknown'
  | 'bay-out-of-service'
  | 'reservation-unknown'
  | 'reservation-not-cancellable'
  | 'lock-unknown'
  | 'lock-silent'
  | 'lock-assigned'
  | 'idempotency-key-reused'
  | 'request-invalid'
  | 'unauthorised'
  | 'rate-limited'
  | 'not-found'
  | 'internal-fault'

export interface Problem {
  readonly error: ProblemCode
  readonly message: string
}
