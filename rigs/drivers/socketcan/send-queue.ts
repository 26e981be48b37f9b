import type { KernelFrame } from './kernel-frame.js'

/** How long the kernel's full queue is given before another try. */
const RETRY_MS = 1
/**
 * Frames that are sent before the others have a turn: this thread's own received ones, and other processes. A virtual
 * bus brakes nobody, and a socket with the kernel's default buffer holds about 270 frames.
 */
const SENT_IN_ONE_GO = 64
const TURN_MS = 1

/** Frames that wait for a socket which takes one at a time and sometimes none. */
export class SendQueue {
  #frames: KernelFrame[] = []
  #first = 0
  #waiting = false
  #closed = false

  constructor(
    /** @returns false when it has no room now */
    private readonly send: (frame: KernelFrame) => boolean,
    private readonly listener: {
      sent(frames: number): void
      /** Asked after a refusal: whether another try makes sense. */
      alive(): boolean
    },
  ) {}

  push(frames: readonly KernelFrame[]): void {
    for (const frame of frames) this.#frames.push(frame)
    if (!this.#waiting) this.#pump()
  }

  close(): void {
    this.#closed = true
  }

  #pump(): void {
    this.#waiting = false
    if (this.#closed) return
    let sent = 0
    let refused = false
    while (this.#first < this.#frames.length && sent < SENT_IN_ONE_GO && !refused) {
      if (this.send(this.#frames[this.#first] as KernelFrame)) {
        this.#first++
        sent++
      } else refused = true
    }
    if (sent > 0) this.listener.sent(sent)
    if (this.#first === this.#frames.length) {
      this.#frames = []
      this.#first = 0
      return
    }
    if (refused && !this.listener.alive()) return
    this.#waiting = true
    setTimeout(() => this.#pump(), refused ? RETRY_MS : TURN_MS)
  }
}
