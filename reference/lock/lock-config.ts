import type { ComparatorSettings } from '../domain/comparator.js'
import { DEFAULT_COMPARATOR } from '../domain/comparator.js'
import {
  DEFAULT_BATTERY_THRESHOLDS,
  DEFAULT_BOLT_THRESHOLDS,
  DEFAULT_FIX_THRESHOLDS,
  type FixThresholds,
} from '../domain/lock-thresholds.js'
import type { MachineThresholds } from '../domain/lock-machine.js'
import type { Position } from '../contracts/platform-api.js'
import type { BrokerAccess } from '../ports/broker-access.js'
import type { Camera } from '../ports/camera.js'
import type { Clock } from '../ports/clock.js'
import type { Decoder } from '../ports/decoder.js'
import type { EventLog } from '../ports/event-log.js'
import type { Gps } from '../ports/gps.js'
import type { LockHardware } from '../ports/lock-hardware.js'
import type { SqlStore } from '../ports/sql-store.js'
import type { HealthOptions } from '../scanner/camera-health.js'
import type { DecodeHook } from '../scanner/scan-loop.js'

export interface LockConfig {
  readonly lockId: string
  readonly bayId: string
  readonly broker: BrokerAccess
  /** Surveyed centre of the bay, WGS-84: written into the lock's storage at its first start, and never again. */
  readonly presetLocation?: Position
  /** What holds until a `configure` command changes it. */
  readonly comparator?: Partial<ComparatorSettings>
  /** How many codes the lock remembers, so that a used or expired one is not called foreign. Default 64. */
  readonly codeHistory?: number
  readonly thresholds?: Partial<LockThresholds>
  /** How long the broker may take to let the lock in, wall milliseconds. Default 10 000. */
  readonly connectTimeoutMs?: number
}

/** Choices of this reference lock (those of its machine are in `lock-thresholds.ts`); hardware milliseconds are the board's own. */
export interface LockThresholds extends MachineThresholds {
  readonly fix: FixThresholds
  /** The vehicle sensor must say the same for so long, hardware ms. */
  readonly occupancyHardwareMs: number
  /** The bay must be empty for so long before the bolt raises itself, hardware ms. */
  readonly leaveHardwareMs: number
  /** The position is told at least so often while fixes arrive, seconds of business time. */
  readonly fixIntervalSeconds: number
  /** ... and at once when it has moved so far, metres: three times what a GPS fix is off at 95 %. */
  readonly fixMovedMetres: number
  /** Looks without a code after which the same code counts as shown again. */
  readonly looksOutOfSight: number
}

export const DEFAULT_THRESHOLDS: LockThresholds = {
  bolt: DEFAULT_BOLT_THRESHOLDS,
  battery: DEFAULT_BATTERY_THRESHOLDS,
  fix: DEFAULT_FIX_THRESHOLDS,
  occupancyHardwareMs: 200,
  leaveHardwareMs: 1_000,
  fixIntervalSeconds: 60,
  fixMovedMetres: 15,
  looksOutOfSight: 4,
}

/** What the lock is built on. Whoever passes these closes them, after the lock. */
export interface LockDeps {
  readonly hardware: LockHardware
  readonly gps?: Gps
  readonly scanner?: {
    readonly camera: Camera
    readonly decoder: Decoder
    /** What the camera's pictures are held against; left out, only its loss is told. */
    readonly health?: HealthOptions
    /** Sees every frame that was looked at, for the evidence. */
    readonly onDecode?: DecodeHook
  }
  readonly store: SqlStore
  readonly clock: Clock
  readonly newId: () => string
  readonly log: EventLog
}

/** The configuration with its defaults filled in. */
export function settle(config: LockConfig) {
  return {
    ...config,
    comparator: { ...DEFAULT_COMPARATOR, ...config.comparator },
    codeHistory: config.codeHistory ?? 64,
    thresholds: { ...DEFAULT_THRESHOLDS, ...config.thresholds },
    connectTimeoutMs: config.connectTimeoutMs ?? 10_000,
  }
}

export type SettledLockConfig = ReturnType<typeof settle>
