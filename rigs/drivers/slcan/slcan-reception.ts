import { performance } from 'node:perf_hooks'
import type { CanReception } from '../../../reference/can/can-reception.js'
import { SlcanClock } from '../../../reference/can/slcan-clock.js'
import type { SlcanFrame } from '../../../reference/can/slcan-frame.js'
import type { InvalidSlcanLine } from '../../../reference/can/slcan-line.js'
import { SLCAN_LOSS, slcanErrorFrame } from '../../../reference/can/slcan-status.js'
import type { CanFrame, ReceivedCanFrame } from '../../../reference/ports/can-bus.js'
import type { SlcanAdapterTraits } from './open-channel.js'

const WATCH_MS = 100
/** A thread that has not looked for so long has read nothing meanwhile: the adapter may have had to drop frames. */
const STALL_MS = 2.5 * WATCH_MS

export interface SlcanReceptionOptions {
  /** Between two readings of the status flags. */
  readonly statusMs: number
  /** Frames that are held back until the flags are known. */
  readonly holds: number
  /** Called when `statusDue` turns true. */
  readonly due: () => void
}

/**
 * What comes from an adapter, and what does not: its status flags are read now and then, and after each stall of this
 * thread, before the frames that came after the stall are told.
 */
export class SlcanReception {
  readonly #clock = new SlcanClock(performance.now())
  readonly #timer: NodeJS.Timeout
  #watchedAtMs = performance.now()
  #statusAtMs = performance.now()
  #flags = 0
  #held: ReceivedCanFrame[] | undefined
  #garbage: { lines: number; last?: InvalidSlcanLine } = { lines: 0 }
  #amidGarbage = false
  #ended = false
  /** Whether the status flags are to be read. */
  statusDue = false

  constructor(
    private readonly reception: CanReception,
    private readonly traits: SlcanAdapterTraits,
    private readonly options: SlcanReceptionOptions,
  ) {
    this.#timer = setInterval(() => this.watch(), WATCH_MS)
  }

  get garbage() {
    return this.#garbage
  }

  frame({ frame, stampMs }: SlcanFrame): void {
    if ((stampMs !== undefined) !== this.traits.stamps) return this.#lostLine()
    this.#amidGarbage = false
    this.#tell({ ...frame, timestampUs: this.#timestamp(stampMs) })
  }

  own(frame: CanFrame): void {
    this.#tell({ ...frame, timestampUs: this.#timestamp(undefined), own: true })
  }

  garbled(garbage: InvalidSlcanLine): void {
    this.#garbage = { lines: this.#garbage.lines + 1, last: garbage }
    this.#lostLine()
  }

  statusAsked(): void {
    this.statusDue = false
    this.#statusAtMs = performance.now()
  }

  status(flags: number): void {
    if (flags & SLCAN_LOSS) this.reception.countLost(1, false)
    const error = slcanErrorFrame(flags, this.#flags)
    this.#flags = flags
    if (error) this.reception.deliverError({ ...error, timestampUs: this.#timestamp(undefined) })
    // After a stall amid the question the answer may be older than the stall.
    if (!this.statusDue) this.#release()
  }

  /** Notices whether this thread stood still since it last looked, and when the flags are to be read again. */
  watch(): void {
    const nowMs = performance.now()
    const stalled = nowMs - this.#watchedAtMs > STALL_MS
    this.#watchedAtMs = nowMs
    if (this.#ended || !this.traits.tellsStatus) return
    if (stalled) this.#held ??= []
    if (!this.statusDue && (stalled || nowMs - this.#statusAtMs >= this.options.statusMs)) {
      this.statusDue = true
      // Not amid the bytes that are being read.
      queueMicrotask(this.options.due)
    }
  }

  end(): void {
    this.#ended = true
    this.statusDue = false
    clearInterval(this.#timer)
    this.#release()
  }

  #tell(frame: ReceivedCanFrame): void {
    if (!this.#held) return this.reception.deliver(frame)
    this.#held.push(frame)
    if (this.#held.length >= this.options.holds) this.#release()
  }

  #release(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const frame of held) this.reception.deliver(frame)
  }

  /** What one fault cut into several lines is one frame at least. */
  #lostLine(): void {
    if (!this.#amidGarbage) this.reception.countLost(1, false)
    this.#amidGarbage = true
  }

  #timestamp(stampMs: number | undefined): number {
    const nowMs = performance.now()
    if (!this.traits.stamps) return Math.round((performance.timeOrigin + nowMs) * 1_000)
    return stampMs === undefined ? this.#clock.now(nowMs) : this.#clock.unwrap(stampMs, nowMs)
  }
}
