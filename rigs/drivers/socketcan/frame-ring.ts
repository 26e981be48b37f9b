import { FrameRecords, recordBytes } from './frame-record.js'
import type { KernelFrame } from './kernel-frame.js'

/** Places of the 32-bit words that both threads look at. */
const HEAD = 0
const TAIL = 1
const SLOTS = 2
const DATA_BYTES = 3
const WOKEN = 4
const SENT = 5
const LOST = 6
const INEXACT = 7
const HEADER_BYTES = 64

/** What the worker has counted so far; each number wraps at 2³². */
export interface RingCounts {
  /** Frames that the kernel has taken. */
  readonly sent: number
  readonly lost: number
  /** False once `lost` may be too small. */
  readonly exact: boolean
}

/**
 * The bounded buffer between the worker, which writes, and the main thread, which reads: neither ever waits for the
 * other. What does not fit is lost, and counted.
 */
export class FrameRing {
  readonly #words: Int32Array
  readonly #records: FrameRecords
  /** One slot always stays free, to tell a full ring from an empty one. */
  readonly #slots: number

  /** @param shared memory that `FrameRing.allocate` gave */
  constructor(readonly shared: SharedArrayBuffer) {
    this.#words = new Int32Array(shared, 0, HEADER_BYTES / 4)
    this.#slots = this.#words[SLOTS] as number
    this.#records = new FrameRecords(shared, this.#words[DATA_BYTES] as number, HEADER_BYTES)
  }

  /**
   * @param frames that it can hold
   * @param dataBytes room in each: 8, or 64 for FD
   */
  static allocate(frames: number, dataBytes: number): FrameRing {
    const shared = new SharedArrayBuffer(HEADER_BYTES + (frames + 1) * recordBytes(dataBytes))
    const words = new Int32Array(shared, 0, HEADER_BYTES / 4)
    words[SLOTS] = frames + 1
    words[DATA_BYTES] = dataBytes
    return new FrameRing(shared)
  }

  /** Called by the worker. */
  push(frame: KernelFrame): void {
    const head = Atomics.load(this.#words, HEAD)
    const next = head + 1 === this.#slots ? 0 : head + 1
    if (next === Atomics.load(this.#words, TAIL)) return this.countLost(1)
    this.#records.write(head, frame)
    Atomics.store(this.#words, HEAD, next)
  }

  /** Called by the worker, before it pushes what came after the loss. */
  countLost(frames: number, exact = true): void {
    if (!exact) Atomics.store(this.#words, INEXACT, 1)
    Atomics.add(this.#words, LOST, frames)
  }

  /** Called by the worker. */
  countSent(frames: number): void {
    Atomics.add(this.#words, SENT, frames)
  }

  /** Called by the worker: whether the main thread has to be told that there is something. */
  wakes(): boolean {
    return Atomics.exchange(this.#words, WOKEN, 1) === 0
  }

  /** Called by the main thread, before it looks whether there is more: from now on it wants to be told. */
  sleep(): void {
    Atomics.store(this.#words, WOKEN, 0)
  }

  counts(): RingCounts {
    return {
      sent: Atomics.load(this.#words, SENT) >>> 0,
      lost: Atomics.load(this.#words, LOST) >>> 0,
      exact: Atomics.load(this.#words, INEXACT) === 0,
    }
  }

  /** How many frames wait. */
  get length(): number {
    const length = Atomics.load(this.#words, HEAD) - Atomics.load(this.#words, TAIL)
    return length < 0 ? length + this.#slots : length
  }

  /** Called by the main thread. */
  shift(): KernelFrame | undefined {
    const tail = Atomics.load(this.#words, TAIL)
    if (tail === Atomics.load(this.#words, HEAD)) return undefined
    const frame = this.#records.read(tail)
    Atomics.store(this.#words, TAIL, tail + 1 === this.#slots ? 0 : tail + 1)
    return frame
  }
}
