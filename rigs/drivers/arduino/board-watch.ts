import type { Firmata } from 'firmata-io'
import type { HardwareLoss } from '../../../reference/ports/lock-hardware.js'

/** How often a board is asked whether it still answers, wall milliseconds. */
const POLL_MS = 250

/**
 * Answers in so many intervals since the last sample show a board that runs and does not measure. Several in one count
 * once: a board that was late answers all its questions together.
 */
const ANSWERS_OF_A_LIVING_BOARD = 2

/** A board with a clock is asked for its time after so much of the silence, and again and again after all of it. */
const SUSPICION = 0.25

/** The part of the silence that must have passed on the board's own clock as well. */
const OWN_SILENCE = 0.5

export interface BoardWatchOptions {
  readonly io: Firmata
  /** Puts a question that any firmware answers. */
  readonly askVersion: () => void
  /** With no sample for so long the board counts as gone, wall milliseconds. */
  readonly silenceMs: number
  /**
   * The board's own time, hardware milliseconds, where something beside the line tells it. A board that a busy host
   * lets run too seldom is late, not gone. It rejects when nothing tells the time any more.
   */
  readonly hardwareClock?: () => Promise<number>
  /** Called once. */
  readonly onLoss: (loss: HardwareLoss) => void
}

/** Notices that a board is gone, and why; says it once. */
export class BoardWatch {
  readonly #options: BoardWatchOptions
  readonly #suspicion: NodeJS.Timeout | undefined
  readonly #silence: NodeJS.Timeout
  readonly #polling: NodeJS.Timeout
  #lookingAgain: NodeJS.Timeout | undefined
  #stopped = false
  #samples = 0
  #answers = 0
  #answered = false
  /** What the board's clock said when the silence began to be long. */
  #silentSinceMs: number | undefined

  constructor(options: BoardWatchOptions) {
    const { io, silenceMs, hardwareClock, onLoss } = options
    this.#options = options
    this.#suspicion =
      hardwareClock && setTimeout(() => void this.#suspect(hardwareClock), silenceMs * SUSPICION)
    this.#silence = setTimeout(() => this.#checkSilence(), silenceMs)
    this.#polling = setInterval(() => this.#ask(), POLL_MS)
    io.on('close', () => onLoss('link-closed'))
    io.on('reportversion', () => (this.#answered = true))
    // Everything that was asked before the board got ready is answered: now it reports itself only after a reset.
    io.on('queryfirmware', () => onLoss('board-reset'))
  }

  /** To be called with every sample. */
  measured(): void {
    this.#samples++
    this.#answers = 0
    this.#answered = false
    this.#silentSinceMs = undefined
    this.#suspicion?.refresh()
    this.#silence.refresh()
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#suspicion)
    clearTimeout(this.#silence)
    clearTimeout(this.#lookingAgain)
    clearInterval(this.#polling)
  }

  #ask(): void {
    if (this.#answered) this.#answers++
    this.#answered = false
    this.#options.askVersion()
  }

  async #suspect(hardwareClock: () => Promise<number>): Promise<void> {
    const samples = this.#samples
    const nowMs = await hardwareClock().catch(() => undefined)
    if (this.#samples === samples) this.#silentSinceMs = nowMs
  }

  /** Timers run before waiting bytes are read: a host that was stalled looks once more before it blames the board. */
  #checkSilence(): void {
    const samples = this.#samples
    setImmediate(() => {
      if (this.#stopped || this.#samples !== samples) return
      const { hardwareClock } = this.#options
      if (hardwareClock) void this.#checkClock(hardwareClock)
      else this.#tellLoss()
    })
  }

  async #checkClock(hardwareClock: () => Promise<number>): Promise<void> {
    const { silenceMs } = this.#options
    const samples = this.#samples
    let nowMs: number | undefined
    try {
      nowMs = await hardwareClock()
    } catch {
      // Nothing tells the time: then the wall is all there is.
    }
    if (this.#stopped || this.#samples !== samples) return
    if (nowMs !== undefined) {
      this.#silentSinceMs ??= nowMs
      if (nowMs - this.#silentSinceMs < silenceMs * OWN_SILENCE) {
        this.#lookingAgain = setTimeout(() => this.#stillSilent(samples), silenceMs * SUSPICION)
        return
      }
    }
    this.#tellLoss()
  }

  #stillSilent(samples: number): void {
    if (this.#samples === samples) this.#checkSilence()
  }

  #tellLoss(): void {
    this.#options.onLoss(this.#answers >= ANSWERS_OF_A_LIVING_BOARD ? 'no-samples' : 'frozen')
  }
}
