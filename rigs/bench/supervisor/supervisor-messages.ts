/** What the supervisor's process and its client say to each other over Node's IPC channel. */
import type { StartFailure } from '../child-process/child-process.js'
import type { SafeStateProof } from './safe-state.js'
import type { SupervisedBoard } from './supervised-board.js'

export interface SupervisorSettings {
  /** Name of the rig, by which `lockstep safe --rig` finds the bench. */
  readonly rig: string
  readonly board: SupervisedBoard
  readonly evidenceFolder: string
  /** Without a byte of the relay's client for so long it counts as hung, wall milliseconds. */
  readonly heartbeatTimeoutMs: number
  /** Without a heartbeat of the runner for so long it counts as hung, wall milliseconds. */
  readonly runnerTimeoutMs: number
}

export type SupervisorRequest =
  | { readonly type: 'heartbeat' }
  | { readonly type: 'make-safe'; readonly id: number }
  | { readonly type: 'close' }

export type SupervisorReport =
  | { readonly type: 'ready'; readonly relayPort: number; readonly board: string }
  | StartFailure
  | { readonly type: 'safe'; readonly id: number; readonly proof: SafeStateProof }
  /** The last attempt's, before the process ends. */
  | { readonly type: 'closed'; readonly proof: SafeStateProof }
  /** Somebody said `lockstep safe`: the bench stays safe, and the run is over. */
  | { readonly type: 'safe-by-hand'; readonly proof: SafeStateProof }
