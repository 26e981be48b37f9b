import { wgs84, type Wgs84Point } from '../../../reference/domain/coordinates.js'
import { afterHardwareMs, hardwareMsOf, type Circuit } from '../circuit.js'
import type { GpsFault } from './gps-faults.js'
import { gga, rmc, voidSentences } from './nmea-sentences.js'

const PERIOD_MS = 200
const HDOP = 0.9

/** Per axis: with it 95 % of the fixes lie within 4.9 m, as the GPS standard's users see them. */
const NOISE_METRES = 2

/** Metres of a degree of latitude (mean of WGS 84). */
const METRES_PER_DEGREE = 111_132

export interface GpsReceiverOptions {
  readonly position: Wgs84Point
  /** Any integer; the same seed gives the same noise. */
  readonly seed: number
  /** UTC of the first fix. */
  readonly startEpochMs: number
  readonly onSentences: (text: string) => void
}

/**
 * A receiver that speaks RMC and GGA five times a hardware second. Its noise wanders, as a real one's does: each fix
 * is mostly the one before.
 */
export class GpsReceiver {
  readonly #circuit: Circuit
  readonly #options: GpsReceiverOptions
  readonly #normal: () => number
  #north = 0
  #east = 0
  #powered = true
  #last: string | undefined
  readonly #faults = new Map<GpsFault['kind'], GpsFault>()

  constructor(circuit: Circuit, options: GpsReceiverOptions) {
    this.#circuit = circuit
    this.#options = options
    this.#normal = normalNumbers(options.seed)
    this.#scheduleNext()
  }

  /** From now on this is wrong, beside whatever is wrong already. */
  inject(fault: GpsFault): void {
    this.#faults.set(fault.kind, fault)
  }

  /** Nothing is wrong any more. */
  mend(): void {
    this.#faults.clear()
  }

  setPowered(powered: boolean): void {
    this.#powered = powered
  }

  #scheduleNext(): void {
    afterHardwareMs(this.#circuit, PERIOD_MS, () => {
      if (this.#powered) this.#speak()
      this.#scheduleNext()
    })
  }

  #speak(): void {
    const { position, onSentences } = this.#options
    this.#north = wander(this.#north, this.#normal())
    this.#east = wander(this.#east, this.#normal())
    const metresPerDegreeEast = METRES_PER_DEGREE * Math.cos((position.latitude * Math.PI) / 180)
    const fix = wgs84(
      position.latitude + (this.#north + (this.#fault('gps-jump')?.northMetres ?? 0)) / METRES_PER_DEGREE,
      position.longitude + this.#east / metresPerDegreeEast,
    )
    if (!this.#fault('gps-silent')) onSentences(this.#overTheLine(this.#sentences(fix)))
  }

  #sentences(fix: Wgs84Point): string {
    const epochMs = this.#options.startEpochMs + hardwareMsOf(this.#circuit)
    if (this.#fault('gps-void')) return voidSentences(epochMs)
    if (!this.#fault('gps-stale') || this.#last === undefined) {
      this.#last = rmc(fix, epochMs) + gga(fix, epochMs, this.#fault('gps-poor')?.hdop ?? HDOP)
    }
    return this.#last
  }

  /** What becomes of the sentences on the way to the controller. */
  #overTheLine(sentences: string): string {
    if (this.#fault('gps-truncated')) return sentences.replaceAll(/.{8}\*..\r/g, '\r')
    // Another minute: a place some kilometres away, were the checksum not looked at.
    if (this.#fault('gps-bad-checksum'))
      return sentences.replaceAll(
        /(\d)(\.\d+,[NS])/g,
        (_, digit, rest) => `${(Number(digit) + 1) % 10}${rest}`,
      )
    return sentences
  }

  #fault<K extends GpsFault['kind']>(kind: K): Extract<GpsFault, { kind: K }> | undefined {
    return this.#faults.get(kind) as Extract<GpsFault, { kind: K }> | undefined
  }
}

/** A first-order autoregression whose spread stays at NOISE_METRES. */
function wander(metres: number, normal: number): number {
  return 0.95 * metres + Math.sqrt(1 - 0.95 ** 2) * NOISE_METRES * normal
}

/** Normal numbers (Box and Muller 1958) from a small seeded generator (mulberry32). */
function normalNumbers(seed: number): () => number {
  let state = seed | 0
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())
}
