/** What the supervisor's process and its client say to each other over Node's IPC channel. */
import type { StartFailure } from '../child-process/child-process.js'
import type { SafeStateProof } from './safe-state.js'

export interface SupervisorSettings {
  readonly uartHost: string
  readonly uartPort: number
  readonly evidenceFolder: string
  /** Without a heartbeat for so long the runner counts as lost, wall milliseconds. */
  readonly heartbeatTimeoutMs: number
}

export type SupervisorRequest =
  | { readonly type: 'heartbeat' }
  | { readonly type: 'make-safe'; readonly id: number }
  | { readonly type: 'close' }

export type SupervisorReport =
  | { readonly type: 'ready'; readonly relayPort: number }
  | StartFailure
  | { readonly type: 'safe'; readonly id: number; readonly proof: SafeStateProof }
