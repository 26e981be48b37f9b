import { OwnLedger } from './own-ledger.js'
import type { Intake } from './intake.js'
import { contentKey, ERR_FLAG, isError, type KernelFrame } from './kernel-frame.js'

/** Error classes after which frames that waited in the controller are gone: CAN_ERR_BUSOFF, CAN_ERR_RESTARTED. */
const QUEUE_FLUSHED = 0x040 | 0x100
/** How long a drop may stay unattributed where the node awaits echoes of its own. */
const SETTLE_MS = 250

export interface EchoingSocket {
  /** Whether an echo is in the socket's queue before the sender knows that its frame was taken. */
  readonly atOnce: boolean
  /** Whether the socket also hears, and drops, frames that the node's filters would not let in. */
  readonly unwantedToo: boolean
  /** Whether drops are found out later than in their place among the frames, and perhaps not all of them yet. */
  readonly silentDrops: boolean
}

/**
 * Receives for a node whose frames come back through the socket that hears: its own are taken out or marked, and do
 * not count when they are lost and nobody wants them.
 */
export class OwnEcho {
  readonly #ledger: OwnLedger
  /** Dropped by the kernel, and perhaps echoes that the node does not want. */
  #unattributed = 0
  #settle: NodeJS.Timeout | undefined

  constructor(
    private readonly intake: Intake,
    private readonly socket: EchoingSocket,
  ) {
    this.#ledger = new OwnLedger(socket.silentDrops)
  }

  /** Own frames in the kernel's queue, as far as known. */
  get underWay(): number {
    return this.#ledger.awaited - this.#ledger.mayBeMissing
  }

  sent(frame: KernelFrame): void {
    this.#ledger.sent(contentKey(frame))
  }

  unsent(frames: number): void {
    this.#ledger.unsent(frames)
  }

  /**
   * @param fromHere false when the frame is known to come from another node
   * @returns whether it was the node's own
   */
  heard(frame: KernelFrame, fromHere: boolean): boolean {
    if (isError(frame)) {
      if ((frame.canId & ~ERR_FLAG & QUEUE_FLUSHED) !== 0) this.#ledger.missed(Infinity)
      this.intake.frame(frame, false)
      return false
    }
    const { own, skipped } =
      fromHere && this.#ledger.awaited > 0 ? this.#ledger.take(contentKey(frame)) : { own: false, skipped: 0 }
    if (own) this.#attribute(skipped, true)
    this.intake.frame(frame, own)
    return own
  }

  /** The kernel has dropped so many frames before the next one. */
  dropped(frames: number): void {
    if (this.intake.receiveOwn || this.#ledger.awaited === 0) {
      this.#ledger.missed(frames)
      return this.#lost(frames, true)
    }
    this.#ledger.missed(frames)
    this.#unattributed += frames
    this.#settle ??= setTimeout(() => this.#settleNow(), SETTLE_MS)
  }

  /** The socket's queue is empty. */
  quiet(): void {
    if (this.socket.atOnce) this.#ledger.giveUp(this.#ledger.awaited)
  }

  close(): void {
    clearTimeout(this.#settle)
  }

  /** No echo has come since that would tell whose frames the dropped ones were. */
  #settleNow(): void {
    const own = Math.min(this.#ledger.awaited, this.#unattributed)
    if (this.socket.atOnce) this.#ledger.giveUp(own)
    // On a real bus the awaited ones may still come.
    this.#attribute(own, this.socket.atOnce)
  }

  #attribute(own: number, exact: boolean): void {
    if (this.#unattributed === 0) return
    clearTimeout(this.#settle)
    this.#settle = undefined
    this.#lost(this.#unattributed - own, exact)
    this.#unattributed = 0
  }

  #lost(frames: number, exact: boolean): void {
    const { unwantedToo, silentDrops } = this.socket
    if (unwantedToo) this.intake.lost(1, false)
    else if (exact) this.intake.lost(frames, !silentDrops)
    else this.intake.lost(Math.max(1, frames), false)
  }
}
