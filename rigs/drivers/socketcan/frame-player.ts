import { BoundChild } from './bound-child.js'
import { canplayerLine, PLAYED_INTERFACE } from './canplayer-line.js'
import type { KernelFrame } from './kernel-frame.js'

/** Lines that canplayer may have before it has confirmed them: they fit into its pipe. */
const UNCONFIRMED = 256
/** So many are enough to keep canplayer busy while its confirmations gather. */
const BUSY = 64
/** How long they gather then: each that is read alone costs a wake-up of this thread and of the main one. */
const GATHER_MS = 1
/** How long the kernel's full queue is given before another try, where no frame that leaves it says so earlier. */
const RETRY_MS = 20

export interface PlayerListener {
  /** Asked before a frame is handed over: whether the kernel's queue can have room for it. */
  mayHandOver(): boolean
  handedOver(frame: KernelFrame): void
  /** These, the newest that were handed over, were not sent: they will be handed over again. */
  takenBack(frames: readonly KernelFrame[]): void
  /** The kernel has taken so many frames. */
  sent(frames: number): void
  /** canplayer has ended for another reason than a full queue. */
  ended(how: string): void
}

/**
 * Sends frames through canplayer, which ends when the kernel's queue is full (ENOBUFS). It prints each frame that the
 * kernel has taken (`-v`), hence the next canplayer gets exactly the others: none is lost, doubled or out of order.
 */
export class FramePlayer {
  #queue: KernelFrame[] = []
  /** Where in the queue the first unconfirmed frame is, and the first that has not been handed over. */
  #first = 0
  #next = 0
  #child: BoundChild | undefined
  #retry: NodeJS.Timeout | undefined
  #closed = false

  constructor(
    private readonly networkInterface: string,
    private readonly listener: PlayerListener,
  ) {
    this.#start()
  }

  send(frames: readonly KernelFrame[]): void {
    for (const frame of frames) this.#queue.push(frame)
    this.pump()
  }

  /** Hands over what there is room for. */
  pump(): void {
    if (!this.#child) return
    let lines = ''
    while (
      this.#next < this.#queue.length &&
      this.#next - this.#first < UNCONFIRMED &&
      this.listener.mayHandOver()
    ) {
      const frame = this.#queue[this.#next++] as KernelFrame
      this.listener.handedOver(frame)
      lines += canplayerLine(frame)
    }
    if (lines !== '') this.#child.process.stdin.write(lines)
  }

  /** A frame has left the kernel's queue. */
  queueMoved(): void {
    if (this.#retry) this.#start()
    else this.pump()
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#retry)
    await this.#child?.kill()
  }

  #start(): void {
    clearTimeout(this.#retry)
    this.#retry = undefined
    // canplayer's output is a pipe: without stdbuf it would keep what it has sent to itself.
    const child = new BoundChild('stdbuf', [
      '-oL',
      'canplayer',
      '-v',
      '-t',
      '-g',
      '0',
      `${this.networkInterface}=${PLAYED_INTERFACE}`,
    ])
    this.#child = child
    const { stdout } = child.process
    stdout.on('data', (chunk: Buffer) => {
      this.#confirm(chunk)
      if (this.#next - this.#first < BUSY) return
      stdout.pause()
      setTimeout(() => stdout.resume(), GATHER_MS)
    })
    void child.ended.then(({ how, stderr }) => this.#ended(how, stderr))
    this.pump()
  }

  #confirm(chunk: Buffer): void {
    let lines = 0
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines++
    if (lines === 0) return
    this.#first += lines
    if (this.#first * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#first)
      this.#next -= this.#first
      this.#first = 0
    }
    this.listener.sent(lines)
    this.pump()
  }

  #ended(how: string, stderr: string): void {
    this.#child = undefined
    if (this.#closed) return
    if (!/No buffer space available/.test(stderr)) {
      return this.listener.ended(`canplayer ended: ${stderr || how}`)
    }
    this.listener.takenBack(this.#queue.slice(this.#first, this.#next))
    this.#next = this.#first
    this.#retry = setTimeout(() => this.#start(), RETRY_MS)
  }
}
