import { formatLost } from '../../../reference/can/socketcand-messages.js'

/** What it needs of a socket. */
export interface OutputSocket {
  /** @returns false when it would rather have no more until `drain` */
  write(text: string, encoding: 'latin1'): boolean
}

/** Elements that go to the socket in one piece. */
const PIECE = 1_024
/** Answers that wait for a client that asks and does not read; then it is no client. */
const MAX_ANSWERS = 1_024

/**
 * What a server says to one client. Frames for a client that does not read are kept up to a limit, then dropped and
 * counted; the count stands in the stream where the frames are missing.
 */
export class ClientOutput {
  #waiting: string[] = []
  /** How many of those are frames. */
  #frames = 0
  #answers = 0
  #lost = 0
  #lostExact = true
  #blocked = false
  #flushing = false
  #limit: number

  /**
   * @param limit frames that are kept
   * @param overwhelmed called when the client asks more than it reads
   */
  constructor(
    private readonly socket: OutputSocket,
    limit: number,
    private readonly overwhelmed: () => void,
  ) {
    this.#limit = limit
  }

  set limit(frames: number) {
    this.#limit = frames
  }

  /** @param format called only where the frame is kept */
  frame(format: () => string): void {
    // A full buffer may only be waiting for the end of this turn.
    if (this.#frames >= this.#limit) this.#flush()
    if (this.#frames >= this.#limit) return this.lost(1, true)
    this.#tellLost()
    this.#waiting.push(format())
    this.#frames++
    this.#flushSoon()
  }

  answer(text: string): void {
    if (this.#blocked && ++this.#answers > MAX_ANSWERS) return this.overwhelmed()
    this.#waiting.push(text)
    this.#flushSoon()
  }

  lost(frames: number, exact: boolean): void {
    this.#lost += frames
    this.#lostExact &&= exact
    this.#flushSoon()
  }

  drained(): void {
    this.#blocked = false
    this.#flush()
  }

  /** Writes at once what waits, as far as the socket takes it. */
  flushNow(): void {
    this.#flush()
  }

  #tellLost(): void {
    if (this.#lost === 0) return
    this.#waiting.push(formatLost(this.#lost, this.#lostExact))
    this.#lost = 0
    this.#lostExact = true
  }

  /** What comes in one turn goes out in one piece. */
  #flushSoon(): void {
    if (this.#blocked || this.#flushing) return
    this.#flushing = true
    queueMicrotask(() => {
      this.#flushing = false
      this.#flush()
    })
  }

  #flush(): void {
    while (!this.#blocked) {
      if (this.#waiting.length === 0) this.#tellLost()
      if (this.#waiting.length === 0) return
      const whole = this.#waiting.length <= PIECE
      const piece = whole ? this.#waiting : this.#waiting.splice(0, PIECE)
      if (whole) {
        this.#waiting = []
        this.#frames = 0
        this.#answers = 0
      } else {
        this.#frames = Math.min(this.#frames, this.#waiting.length)
      }
      this.#blocked = !this.socket.write(piece.join(''), 'latin1')
    }
  }
}
