/** What the bench and the lock's process tell each other over their IPC channel. Secrets travel here, never in argv. */
import type { Position } from '../../../reference/contracts/platform-api.js'
import type { FirmwareKind } from '../../drivers/arduino/identify-firmware.js'
import type { BrokerAccess } from '../../../reference/ports/broker-access.js'
import type { DecoderName } from '../../drivers/decoders/open-decoder.js'
import type { CameraSource } from '../camera/camera-source.js'
import type { FaultRecord } from '../../../reference/ports/fault-record.js'

export interface Endpoint {
  readonly host: string
  readonly port: number
}

export interface LockSetup {
  readonly lockId: string
  readonly bayId: string
  readonly presetLocation: Position
  readonly broker: BrokerAccess
  readonly storeUrl: string
  /** The supervisor's relay to the board. */
  readonly board: Endpoint
  /** A virtual board's own time. */
  readonly boardClock?: Endpoint
  /** What the board must run. */
  readonly firmware: FirmwareKind
  readonly gps: Endpoint
  readonly camera: CameraSource
  readonly decoder: DecoderName
  /** Where the lock's business time stands until it is set; the system's clock when left out. */
  readonly epochMs?: number
  readonly evidenceFolder: string
  /** Key of the run's fingerprints, base64. */
  readonly redactionKey: string
}

export type ToLock =
  | { readonly kind: 'start'; readonly setup: LockSetup }
  | { readonly kind: 'set-clock'; readonly epochMs: number; readonly request: number }
  | { readonly kind: 'stop' }

export type FromLock =
  | { readonly kind: 'ready'; readonly board: string; readonly firmware: string }
  | { readonly kind: 'clock-set'; readonly request: number }
  /** The scanner read a code that was not in view before; the frame that it was read in lies in `file`. */
  | {
      readonly kind: 'scanned'
      /** Stands for its text, for as long as this process lives. */
      readonly code: number
      readonly file: string
      readonly symbology: string
      readonly by: string
    }
  /** Codes have come into view or left it: which are there now. One that has left is a new presentation when it returns. */
  | { readonly kind: 'in-view'; readonly codes: readonly number[] }
  | { readonly kind: 'failed'; readonly fault: FaultRecord }

/** Exit codes of the lock's process; any other is a crash. 75 is EX_TEMPFAIL of sysexits.h: start me again. */
export const LOCK_EXIT = { stopped: 0, boardLost: 75 } as const
