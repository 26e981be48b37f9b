/** What the board's process and its client say to each other over Node's IPC channel. */
import type { StartFailure } from '../child-process/child-process.js'
import type { FirmwareKind } from '../../drivers/arduino/identify-firmware.js'
import type { LineFaultOptions } from '../../simulated/virtual-arduino/line-faults.js'
import type { GpsFault } from '../../simulated/gps-receiver/gps-faults.js'
import type { PlantFault } from '../../simulated/lock-plant/plant-faults.js'
import type { PlantObservation } from '../../simulated/lock-plant/lock-plant.js'

export type BoardCommand =
  | { readonly type: 'observe' }
  | { readonly type: 'set-vehicle'; readonly present: boolean }
  | { readonly type: 'set-tampered'; readonly tampered: boolean }
  | { readonly type: 'jam'; readonly degrees: number | null }
  | { readonly type: 'set-speed'; readonly factor: number }
  | { readonly type: 'inject'; readonly fault: PlantFault | GpsFault }
  | { readonly type: 'mend' }
  | { readonly type: 'set-power'; readonly on: boolean }
  | { readonly type: 'cut-power-in-travel'; readonly withinHardwareMs: number }
  | { readonly type: 'reset' }
  | { readonly type: 'freeze' }
  | { readonly type: 'brown-out' }
  | { readonly type: 'set-plugged'; readonly plugged: boolean }
  | {
      readonly type: 'spoil-line'
      readonly direction: LineDirection
      readonly fault: LineFaultOptions | null
    }
  | { readonly type: 'set-hosts'; readonly pids: readonly number[] }
  | { readonly type: 'await-hardware'; readonly elapsedMs: number }
  | { readonly type: 'await-hardware-time'; readonly hardwareMs: number }
  | { readonly type: 'close' }

/** The commands that make something go wrong with the board, its power or its line; `inject` has the plant's. */
export const BOARD_FAULTS = [
  'set-power',
  'cut-power-in-travel',
  'reset',
  'freeze',
  'brown-out',
  'set-plugged',
  'spoil-line',
] as const satisfies readonly BoardCommand['type'][]

/** Which way bytes go on the serial line. */
export type LineDirection = 'to-board' | 'from-board'

export interface BoardRequest {
  readonly id: number
  readonly command: BoardCommand
}

/** The last argument of the board's process, as JSON. */
export interface BoardSettings {
  readonly evidenceFolder: string
  /** The run's evidence folder: gets `timeline/board.ndjson`. */
  readonly timelineFolder: string
  readonly latitude: number
  readonly longitude: number
  readonly timeScale: number
  readonly firmware: FirmwareKind
  readonly gpsSeed: number
  /** UTC of the receiver's first fix. */
  readonly gpsStartEpochMs: number
  readonly bolt: 'up' | 'down'
  /** Whether the board waits for a host that gets no processor (`HostPatience`). */
  readonly hostPatience: boolean
}

export interface BoardObservation extends PlantObservation {
  readonly powered: boolean
  /** Wall milliseconds that the host was too slow for. */
  readonly droppedMs: number
  /** Wall milliseconds for which the board's time stood still, since its host got no processor. */
  readonly waitedForHostMs: number
}

export interface BoardReady {
  readonly uartPort: number
  readonly gpsPort: number
  readonly clockPort: number
  readonly firmwareSha256: string
}

export type BoardReport =
  | { readonly type: 'ready'; readonly ready: BoardReady }
  | StartFailure
  | { readonly type: 'answer'; readonly id: number; readonly observation: BoardObservation }
