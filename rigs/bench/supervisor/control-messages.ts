/** What the command line and a supervisor say to each other over its control socket: one JSON document a line. */
import type { CutOffReading, LockReadings } from '../lock/lock-readings.js'
import type { SafeStateProof } from './safe-state.js'

export type ControlRequest =
  /** Make safe, and let nobody drive any more. */
  | { readonly request: 'safe' }
  | { readonly request: 'status' }
  /** The status now, and again at each change, until the line is closed. */
  | { readonly request: 'watch' }

export interface BenchStatus {
  /** Null while no client has the board measured, or the bench was made safe. */
  readonly readings: LockReadings | null
  /** The board's own latch as it was reported last, also where there are no readings. */
  readonly cutOff: CutOffReading | null
  /** Whether a controller holds the relay. */
  readonly controlled: boolean
  /** Made safe by hand: stays so until the bench ends. */
  readonly latched: boolean
}

export type ControlReply =
  | { readonly reply: 'safe'; readonly proof: SafeStateProof }
  | { readonly reply: 'status'; readonly status: BenchStatus }
  | { readonly reply: 'refused'; readonly problem: string }
