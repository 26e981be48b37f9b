import type { Duplex } from 'node:stream'
import { CR } from '../../../reference/can/slcan-line.js'

const END = String.fromCharCode(CR)

/**
 * An adapter's way to its host: frames wait in a bounded queue while the host does not read, and are dropped when that
 * is full. Answers are never dropped: while they cannot leave, no more commands are read.
 */
export class HostLine {
  readonly #queue: string[] = []
  #corked = false

  /** @param receiveQueue frames that may wait for the host */
  constructor(
    private readonly line: Duplex,
    private readonly receiveQueue: number,
  ) {
    line.on('drain', () => this.#drained())
  }

  answer(text: string): void {
    this.#write(text)
    if (this.line.writableNeedDrain) this.line.pause()
  }

  /** @returns whether there was room for it */
  offer(frame: string): boolean {
    if (this.#queue.length === 0 && !this.line.writableNeedDrain) this.#write(frame + END)
    else if (this.#queue.length < this.receiveQueue) this.#queue.push(frame + END)
    else return false
    return true
  }

  clear(): void {
    this.#queue.length = 0
  }

  #drained(): void {
    for (;;) {
      const next = this.line.writableNeedDrain ? undefined : this.#queue.shift()
      if (next === undefined) break
      this.#write(next)
    }
    if (!this.line.writableNeedDrain) this.line.resume()
  }

  /** What is written in one turn leaves together. */
  #write(text: string): void {
    if (!this.line.writable) return
    if (!this.#corked) {
      this.#corked = true
      this.line.cork()
      queueMicrotask(() => {
        this.#corked = false
        this.line.uncork()
      })
    }
    this.line.write(text, 'latin1')
  }
}
