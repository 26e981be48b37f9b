import type { ChildProcess } from 'node:child_process'
import type { Wgs84Point } from '../../../reference/domain/coordinates.js'
import type { FirmwareKind } from '../../drivers/arduino/identify-firmware.js'
import type { LineFaultOptions } from '../../simulated/virtual-arduino/line-faults.js'
import type { GpsFault } from '../../simulated/gps-receiver/gps-faults.js'
import type { PlantFault } from '../../simulated/lock-plant/plant-faults.js'
import { awaitExit, awaitReady, awaitReport, forkDetached, tell } from '../child-process/child-process.js'
import type {
  BoardCommand,
  BoardObservation,
  BoardReady,
  BoardReport,
  BoardRequest,
  BoardSettings,
  LineDirection,
} from './board-messages.js'

export type { BoardObservation } from './board-messages.js'

const READY_MS = 20_000
const ANSWER_MS = 10_000
const EXIT_GRACE_MS = 3_000

/** Wall milliseconds that a hardware millisecond may take before the board counts as stuck. */
const SLOWEST_HOST = 20

export interface HostAndPort {
  readonly host: string
  readonly port: number
}

export interface StartBoardOptions {
  /** Gets `plant.ndjson`, `pins.vcd` and the process's standard error; one folder per board. */
  readonly evidenceFolder: string
  /** The run's evidence folder, for the timeline; `evidenceFolder` when not given. */
  readonly timelineFolder?: string
  /** Where the lock's GPS unit truly is. */
  readonly position: Wgs84Point
  /** Hardware milliseconds per wall millisecond, default 1. */
  readonly timeScale?: number
  /** Default StandardFirmata. */
  readonly firmware?: FirmwareKind
  readonly gpsSeed?: number
  /** UTC of the receiver's first fix; default: now, as a satellite would say. */
  readonly gpsStartEpochMs?: number
  /** Where the bolt stands at first, default up. */
  readonly bolt?: 'up' | 'down'
  /** Whether the board waits for a host that gets no processor, default true. */
  readonly hostPatience?: boolean
}

/** The virtual board, the plant and the GPS receiver in their own process. */
export interface Board {
  /** The serial line of the Uno; one client at a time, and as on an Uno whoever opens it resets the board (DTR). */
  readonly uart: HostAndPort
  /** NMEA sentences. */
  readonly gps: HostAndPort
  /** Tells the board's own time, also to another process; see `boardClock`. */
  readonly clock: HostAndPort
  readonly firmwareSha256: string
  readonly pid: number
  observe(): Promise<BoardObservation>
  setVehiclePresent(present: boolean): Promise<BoardObservation>
  /** Opens or closes the housing. */
  setTampered(tampered: boolean): Promise<BoardObservation>
  /** An obstacle that the bolt cannot pass, at degrees of the servo (see the pin map); null takes it away. */
  jamAt(degrees: number | null): Promise<BoardObservation>
  /** @param factor of the rated speed, above 0 */
  setSpeed(factor: number): Promise<BoardObservation>
  /** The battery is taken out: chip, actuator and receiver lose power; the serial line stays, and goes silent. */
  cutPower(): Promise<BoardObservation>
  /** The same, in the middle of the bolt's next travel; power stays when none begins within so many hardware ms. */
  cutPowerInTravel(withinHardwareMs: number): Promise<BoardObservation>
  restorePower(): Promise<BoardObservation>
  /** From now on this is wrong with the mechanics, the wires or the receiver. */
  inject(fault: PlantFault | GpsFault): Promise<BoardObservation>
  /** Nothing of that is wrong any more; the bolt stays where it was left. */
  mend(): Promise<BoardObservation>
  /** Presses the reset button. */
  reset(): Promise<BoardObservation>
  /** The chip stands still with its outputs as they are, the serial line stays open; a reset ends it. */
  freeze(): Promise<BoardObservation>
  /** The supply dips so far that the chip resets itself. */
  brownOut(): Promise<BoardObservation>
  /** Pulls the USB plug, or puts it back: the line ends, and opens for nobody. The board lives on its battery. */
  setPlugged(plugged: boolean): Promise<BoardObservation>
  /** Bytes of one direction get lost, and others come in; null mends it. */
  spoilLine(direction: LineDirection, fault: LineFaultOptions | null): Promise<BoardObservation>
  /**
   * The processes by which the controller is heard: its own, and the supervisor's. While they are runnable without a
   * processor the board waits for them. At first it is the process that started the board.
   */
  setHosts(pids: readonly number[]): Promise<BoardObservation>
  /** Resolves after so many more hardware milliseconds. */
  hardwareElapsed(ms: number): Promise<BoardObservation>
  /** Resolves once hardware time has reached `hardwareMs`. */
  untilHardwareMs(hardwareMs: number): Promise<BoardObservation>
  close(): Promise<void>
}

/** @throws RigProcessFailed */
export async function startBoard(options: StartBoardOptions): Promise<Board> {
  const { evidenceFolder, position } = options
  const settings: BoardSettings = {
    evidenceFolder,
    timelineFolder: options.timelineFolder ?? evidenceFolder,
    latitude: position.latitude,
    longitude: position.longitude,
    timeScale: options.timeScale ?? 1,
    firmware: options.firmware ?? 'standard-firmata',
    gpsSeed: options.gpsSeed ?? 1,
    gpsStartEpochMs: options.gpsStartEpochMs ?? Date.now(),
    bolt: options.bolt ?? 'up',
    hostPatience: options.hostPatience ?? true,
  }
  const child = forkDetached(
    'board',
    new URL('./board-process.js', import.meta.url),
    settings,
    evidenceFolder,
  )
  // Every request and a few waits listen at once.
  child.setMaxListeners(0)
  const ready = await awaitReady<BoardReport, BoardReady>(
    child,
    'board',
    evidenceFolder,
    READY_MS,
    (report) => (report.type === 'ready' ? report.ready : undefined),
  )
  return boardOf(child, ready, settings)
}

function boardOf(child: ChildProcess, ready: BoardReady, settings: BoardSettings): Board {
  const { evidenceFolder, timeScale } = settings
  let lastId = 0
  const ask = (command: BoardCommand, waitMs = ANSWER_MS) => {
    const id = ++lastId
    const answer = awaitReport<BoardReport, BoardObservation>(
      child,
      'board',
      evidenceFolder,
      waitMs,
      (report) => (report.type === 'answer' && report.id === id ? report.observation : undefined),
    )
    const request: BoardRequest = { id, command }
    tell(child, request)
    return answer
  }
  const waitFor = (hardwareMs: number) => ANSWER_MS + (hardwareMs * SLOWEST_HOST) / timeScale
  return {
    uart: { host: '127.0.0.1', port: ready.uartPort },
    gps: { host: '127.0.0.1', port: ready.gpsPort },
    clock: { host: '127.0.0.1', port: ready.clockPort },
    firmwareSha256: ready.firmwareSha256,
    pid: child.pid ?? 0,
    observe: () => ask({ type: 'observe' }),
    setVehiclePresent: (present) => ask({ type: 'set-vehicle', present }),
    setTampered: (tampered) => ask({ type: 'set-tampered', tampered }),
    jamAt: (degrees) => ask({ type: 'jam', degrees }),
    setSpeed: (factor) => ask({ type: 'set-speed', factor }),
    cutPower: () => ask({ type: 'set-power', on: false }),
    cutPowerInTravel: (withinHardwareMs) =>
      ask({ type: 'cut-power-in-travel', withinHardwareMs }, waitFor(withinHardwareMs)),
    inject: (fault) => ask({ type: 'inject', fault }),
    mend: () => ask({ type: 'mend' }),
    restorePower: () => ask({ type: 'set-power', on: true }),
    reset: () => ask({ type: 'reset' }),
    freeze: () => ask({ type: 'freeze' }),
    brownOut: () => ask({ type: 'brown-out' }),
    setPlugged: (plugged) => ask({ type: 'set-plugged', plugged }),
    spoilLine: (direction, fault) => ask({ type: 'spoil-line', direction, fault }),
    setHosts: (pids) => ask({ type: 'set-hosts', pids }),
    hardwareElapsed: (elapsedMs) => ask({ type: 'await-hardware', elapsedMs }, waitFor(elapsedMs)),
    untilHardwareMs: (hardwareMs) => ask({ type: 'await-hardware-time', hardwareMs }, waitFor(hardwareMs)),
    close: async () => {
      const request: BoardRequest = { id: ++lastId, command: { type: 'close' } }
      tell(child, request)
      await awaitExit(child, EXIT_GRACE_MS)
    },
  }
}
