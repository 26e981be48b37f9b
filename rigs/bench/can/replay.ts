import type { CanLogEntry } from '../../../reference/can/can-log.js'
import { CanFrameNotCarried, type CanBus, type CanFrame } from '../../../reference/ports/can-bus.js'
import { UsageFault } from '../../../reference/ports/faults.js'
import { LoopPeriod } from './loop-period.js'

/** The time that a replay runs on. */
export interface ReplayClock {
  nowUs(): number
  /** Resolves at a time, at once when it has passed; rejects when the signal aborts. */
  until(us: number, signal?: AbortSignal): Promise<void>
}

export type ReplaySpeed = number | 'as-fast-as-possible'

export interface ReplayOptions {
  /** 1 is the original timing, 2 twice as fast; 1 unless told. */
  readonly speed?: ReplaySpeed
  /** Pauses of the log that are longer are shortened to this, milliseconds of the log. */
  readonly gapLimitMs?: number
  /** Only frames of these channels; all unless told. */
  readonly channels?: readonly string[]
  /** How often the log is played; 1 unless told, Infinity until the signal aborts. */
  readonly loops?: number
  /** Pause between two loops, milliseconds of the log. Default: such that the log's own period goes on. */
  readonly loopGapMs?: number
  readonly signal?: AbortSignal
  /** Called after every frame that was handed to the bus. */
  readonly onProgress?: (figures: ReplayFigures) => void
}

export interface ReplayFigures {
  readonly sent: number
  /** Frames that this bus cannot carry, e.g. CAN FD on a classic one; they were left out. */
  readonly notCarried: number
  /** Error frames are what a controller reports; nobody can send them. */
  readonly errorFrames: number
  readonly otherChannels: number
  readonly loops: number
  /** How much later than its time a frame was handed to the bus, at worst and on average, microseconds. */
  readonly worstLateUs: number
  readonly meanLateUs: number
  /** How long the replay took. */
  readonly tookUs: number
  /** True when the signal ended it. */
  readonly aborted: boolean
}

/** Thrown for options that make no replay. */
export class InvalidReplay extends UsageFault {
  override readonly name = 'InvalidReplay'
}

/** Sends under way together; the bus paces the replay by them. */
const IN_FLIGHT = 64

type Entries = Iterable<CanLogEntry> | AsyncIterable<CanLogEntry>

function requireOptions({ speed = 1, gapLimitMs, loops = 1, loopGapMs = 0 }: ReplayOptions): void {
  if (speed !== 'as-fast-as-possible' && !(speed > 0 && Number.isFinite(speed))) {
    throw new InvalidReplay(`speed ${speed} is no number above 0`)
  }
  if (gapLimitMs !== undefined && !(gapLimitMs >= 0)) {
    throw new InvalidReplay(`gapLimitMs ${gapLimitMs} is no number of milliseconds`)
  }
  if (!(loopGapMs >= 0)) throw new InvalidReplay(`loopGapMs ${loopGapMs} is no number of milliseconds`)
  if (!(loops >= 1) || (loops !== Infinity && !Number.isInteger(loops))) {
    throw new InvalidReplay(`loops ${loops} is no whole number above 0`)
  }
}

/**
 * Plays a log onto a bus. Frames go out in the order of the log; a frame that is late does not hold back those after
 * it, which are still due at their own times.
 * @param open gives the log from its start; called once a loop
 * @returns what was done, also when the signal ended it
 * @throws InvalidReplay, what `open` throws, and what the bus throws but CanFrameNotCarried
 */
export async function replay(
  open: () => Entries,
  bus: Pick<CanBus, 'send'>,
  options: ReplayOptions,
  clock: ReplayClock,
): Promise<ReplayFigures> {
  requireOptions(options)
  const { speed = 1, gapLimitMs = Infinity, channels, loops = 1, loopGapMs, signal, onProgress } = options
  const startedUs = clock.nowUs()
  const sending = new Sending(bus, signal)
  const counts = { errorFrames: 0, otherChannels: 0, loops: 0 }
  const late = { worst: 0, sum: 0 }
  const figures = (): ReplayFigures => ({
    ...counts,
    sent: sending.handed - sending.notCarried - sending.stopped,
    notCarried: sending.notCarried,
    worstLateUs: late.worst,
    meanLateUs: sending.handed > 0 ? late.sum / sending.handed : 0,
    tookUs: clock.nowUs() - startedUs,
    aborted: signal?.aborted ?? false,
  })

  /** When the next frame is due, on the replay's clock. */
  let dueUs = startedUs
  async function play(frame: CanFrame): Promise<void> {
    if (speed !== 'as-fast-as-possible') {
      await clock.until(dueUs, signal)
      const lateUs = Math.max(0, clock.nowUs() - dueUs)
      late.worst = Math.max(late.worst, lateUs)
      late.sum += lateUs
    }
    await sending.send(frame)
    onProgress?.(figures())
  }

  try {
    while (counts.loops < loops && !signal?.aborted) {
      let lastUs: number | undefined
      let atUs = 0
      const period = new LoopPeriod()
      for await (const entry of open()) {
        if (signal?.aborted) break
        // A log may run back where it was put together; then there is no gap.
        const gapUs = Math.min(
          Math.max(0, entry.timestampUs - (lastUs ?? entry.timestampUs)),
          gapLimitMs * 1_000,
        )
        lastUs = entry.timestampUs
        atUs += gapUs
        if (speed !== 'as-fast-as-possible') dueUs += gapUs / speed
        if (channels && !channels.includes(entry.channel)) counts.otherChannels++
        else if (!entry.frame) counts.errorFrames++
        else {
          period.count(entry.frame, atUs)
          await play(entry.frame)
        }
      }
      if (lastUs === undefined) break
      counts.loops++
      if (speed !== 'as-fast-as-possible') {
        const seamUs = loopGapMs === undefined ? period.seamUs() : loopGapMs * 1_000
        dueUs += Math.min(seamUs, gapLimitMs * 1_000) / speed
      }
    }
  } catch (error) {
    if (!signal?.aborted) throw error
  } finally {
    await sending.settled()
  }
  return figures()
}

/** Hands frames to a bus, a bounded number at a time. */
class Sending {
  handed = 0
  notCarried = 0
  /** Frames that the bus gave back because the signal aborted. */
  stopped = 0
  readonly #pending = new Set<Promise<void>>()
  #failure: { readonly error: unknown } | undefined

  constructor(
    readonly bus: Pick<CanBus, 'send'>,
    readonly signal: AbortSignal | undefined,
  ) {}

  /** Resolves when the next frame may come. */
  async send(frame: CanFrame): Promise<void> {
    this.handed++
    const sent = this.bus.send(frame).catch((error: unknown) => {
      if (error instanceof CanFrameNotCarried) this.notCarried++
      else if (this.signal?.aborted && error === this.signal.reason) this.stopped++
      else this.#failure ??= { error }
    })
    const pending = sent.finally(() => this.#pending.delete(pending))
    this.#pending.add(pending)
    while (this.#pending.size >= IN_FLIGHT) await Promise.race(this.#pending)
    this.#check()
  }

  async settled(): Promise<void> {
    await Promise.all(this.#pending)
    this.#check()
  }

  #check(): void {
    if (this.#failure) throw this.#failure.error
  }
}
