const TRACE_MS = 20
/** A change of the current that is told at once, amperes. */
const JOLT_AMPS = 0.8

export interface PlantTrace {
  readonly hardwareMs: number
  readonly degrees: number
  readonly commandedDegrees: number | null
  readonly supplied: boolean
  readonly currentAmps: number
  readonly batteryVolts: number
  readonly limitUp: boolean
  readonly limitDown: boolean
  readonly vehiclePresent: boolean
  readonly tampered: boolean
}

/** What the bolt does now. */
export interface BoltMotion {
  readonly amps: number
  /** Degrees a second; its sign is the way it goes. */
  readonly velocity: number
}

/** Decides when the plant's state is traced: what a verdict is timed by, when it happens; the rest now and then. */
export class PlantTracer {
  #atMs = -Infinity
  #amps = 0
  #way = 0

  constructor(private readonly onTrace: ((trace: PlantTrace) => void) | undefined) {}

  /** Whether some time has passed since the last trace. */
  isDue(hardwareMs: number): boolean {
    return hardwareMs - this.#atMs >= TRACE_MS
  }

  /** A current that has leapt, or a bolt that has turned round, since the last trace. */
  jolts({ amps, velocity }: BoltMotion): boolean {
    const way = Math.sign(velocity)
    const turned = way !== 0 && this.#way !== 0 && way !== this.#way
    return turned || Math.abs(amps - this.#amps) > JOLT_AMPS
  }

  trace(hardwareMs: number, { amps, velocity }: BoltMotion, state: () => PlantTrace): void {
    this.#atMs = hardwareMs
    this.#amps = amps
    this.#way = Math.sign(velocity)
    this.onTrace?.(state())
  }
}
