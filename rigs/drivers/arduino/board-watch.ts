import type { Firmata } from 'firmata-io'
import type { HardwareLoss } from '../../../reference/ports/lock-hardware.js'

/** How often a board is asked whether it still answers, wall milliseconds. */
const POLL_MS = 250

/** So many answers since the last sample show a board that runs and does not measure. */
const ANSWERS_OF_A_LIVING_BOARD = 2

/** Notices that a board is gone, and why; says it once. */
export class BoardWatch {
  readonly #onLoss: (loss: HardwareLoss) => void
  readonly #silence: NodeJS.Timeout
  readonly #polling: NodeJS.Timeout
  #samples = 0
  #answers = 0

  /**
   * @param askVersion puts a question that any firmware answers
   * @param silenceMs with no sample for so long the board counts as gone, wall milliseconds
   */
  constructor(io: Firmata, askVersion: () => void, silenceMs: number, onLoss: (loss: HardwareLoss) => void) {
    this.#onLoss = onLoss
    this.#silence = setTimeout(() => this.#checkSilence(), silenceMs)
    this.#polling = setInterval(askVersion, POLL_MS)
    io.on('close', () => onLoss('link-closed'))
    io.on('reportversion', () => this.#answers++)
    // Everything that was asked before the board got ready is answered: now it reports itself only after a reset.
    io.on('queryfirmware', () => onLoss('board-reset'))
  }

  /** To be called with every sample. */
  measured(): void {
    this.#samples++
    this.#answers = 0
    this.#silence.refresh()
  }

  stop(): void {
    clearTimeout(this.#silence)
    clearInterval(this.#polling)
  }

  /** Timers run before waiting bytes are read: a host that was stalled looks once more before it blames the board. */
  #checkSilence(): void {
    const samples = this.#samples
    setImmediate(() => {
      if (this.#samples !== samples) this.#silence.refresh()
      else this.#onLoss(this.#answers >= ANSWERS_OF_A_LIVING_BOARD ? 'no-samples' : 'frozen')
    })
  }
}
