import type { BrokerAccess } from '../../reference/ports/broker-access.js'
import type { FleetBay, LoadModel } from './load-model.js'

/** Everything that a process which plays a fleet has to know; holds secrets, so it travels by pipe only. */
export interface FleetPlan {
  readonly bays: readonly FleetBay[]
  /** How each lock of `bays` reaches the broker, in the same order. */
  readonly locks: readonly BrokerAccess[]
  /** How each car reaches the broker; its user name is its vehicle id. */
  readonly vehicles: readonly BrokerAccess[]
  /** As many at least as vehicles: the first ones have a car each. */
  readonly users: number
  readonly phone: { readonly url: string; readonly appId: string; readonly controlToken: string }
  readonly model: LoadModel
  /** How long wishes come up, seconds. */
  readonly seconds: number
  /** How long a user waits for anything, seconds. */
  readonly patienceSeconds: number
  /** How long a played bolt travels, wall milliseconds; and how long a bay must be empty before it rises. */
  readonly travelMs: number
  readonly leaveMs: number
  /** Each lock tells its GPS fix so often, seconds; 0: never. */
  readonly fixSeconds: number
}

/** As on the virtual board. */
export const PLAYED_BOLT = { travelMs: 1_000, leaveMs: 1_000 } as const
