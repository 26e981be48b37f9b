import type { LockEvent } from '../../reference/contracts/lock-link.js'
import type { Position } from '../../reference/contracts/platform-api.js'
import type { BrokerAccess } from '../../reference/ports/broker-access.js'
import type { PlayedBodyConfig } from './played-body.js'

export interface PlayedLockConfig extends PlayedBodyConfig {
  readonly lockId: string
  readonly bayId: string
  readonly location: Position
  readonly broker: BrokerAccess
  /** A GPS fix is told so often, wall milliseconds, as the reference lock does; 0: never. */
  readonly fixIntervalMs: number
  readonly connectTimeoutMs: number
}

export interface PlayedLockDeps {
  /** Epoch milliseconds: commands and codes end by it. */
  readonly now: () => number
  readonly newId: () => string
  /** Hears each event at the moment at which it comes about, before it is on its way. */
  readonly onEvent?: (event: LockEvent) => void
  readonly onFault?: (error: unknown) => void
  /** For tests of whoever watches a fleet: a lock that opens for any text. */
  readonly opensForAnything?: boolean
}
