import type { CanFrame } from '../../../reference/ports/can-bus.js'
import { bitsToCollision, contentOrder } from './arbitration.js'
import { WIRE_ERRORS } from './controller.js'
import type { QueuedFrame } from './send-queue.js'
import type { WireNode } from './wire-node.js'

/** What becomes of a frame on the wire. */
type Outcome =
  | 'sent'
  /** Nobody acknowledges it. */
  | 'unacknowledged'
  /** Somebody has, but a node that saw a wrong CRC raises an error flag. */
  | 'flagged'
  /** Another node sent the same identifier at the same time with other content. */
  | 'collided'

/** Lengths in bits (ISO 11898-1, 10.4.4 and 10.4.6). */
const FLAG = 6
/** The flags of those who notice an error one bit after the first overlap it but for one bit. */
const FLAG_ONE_LATER = 7
/** In the midst of a frame the others notice a flag by its sixth bit at the latest, and answer with their own. */
const FLAG_AND_ANSWER = 12
const ERROR_DELIMITER = 8
const INTERMISSION = 3
const AFTER_ACKNOWLEDGE_SLOT = 1 + 7 + INTERMISSION
const AFTER_ACKNOWLEDGE_DELIMITER = 7 + INTERMISSION
/** How much longer than a frame that arrives is one that nobody is there to acknowledge. */
export const ALONE_EXTRA_BITS = FLAG + ERROR_DELIMITER + INTERMISSION - AFTER_ACKNOWLEDGE_SLOT
/** What an error-passive node waits longer than others after it has sent. */
export const SUSPENSION_BITS = 8

const NOBODY: readonly WireNode[] = []

/** One frame on the wire, from its start to where the bus is free again. What happens in it is settled as it starts. */
export class Transmission {
  readonly frame: CanFrame
  readonly endUs: number
  #outcome: Outcome
  /** Nodes that saw a wrong CRC. */
  #blind = NOBODY
  /** Whether one of them makes that known. */
  #blindFlag = false
  /** Whether anybody answers its error flag. */
  #answered = false
  /** Nodes that sent the same frame in the same bits, and others that lost bits of theirs to it. */
  readonly companions: readonly WireNode[]
  readonly #losers: readonly WireNode[]

  /**
   * @param nodes all that are on the bus
   * @param sender one that has won the arbitration
   * @param sees whether a node receives the bits as they are
   */
  constructor(
    private readonly nodes: readonly WireNode[],
    readonly sender: WireNode,
    readonly queued: QueuedFrame,
    contenders: readonly WireNode[] | undefined,
    readonly startUs: number,
    private readonly bitUs: number,
    sees: ((node: WireNode) => boolean) | undefined,
  ) {
    this.frame = queued.frame
    const order = (node: WireNode) => contentOrder(this.frame, (node.queue.head as QueuedFrame).frame)
    this.companions = contenders?.filter((node) => order(node) === 0) ?? NOBODY
    this.#losers = contenders?.filter((node) => order(node) !== 0) ?? NOBODY
    if (sees) this.#blind = nodes.filter((node) => this.#receives(node) && !sees(node))
    this.#outcome = this.#settle()
    this.endUs = startUs + this.#durationUs()
  }

  get succeeds(): boolean {
    return this.#outcome === 'sent'
  }

  /** All that began to send it, or another one with the same identifier. */
  get transmitters(): readonly WireNode[] {
    return [this.sender, ...this.companions, ...this.#losers]
  }

  /** Whether the node gets the frame, if it succeeds. */
  hears(node: WireNode): boolean {
    return this.#receives(node) && !this.misses(node)
  }

  /** Whether the node was there, but does not take the frame for a sound one. */
  misses(node: WireNode): boolean {
    return this.#blind.includes(node) || this.#losers.includes(node)
  }

  /** The sender's plug is pulled: the others see the frame break off. */
  breakOff(): void {
    this.#outcome = 'unacknowledged'
    this.#blind = this.nodes.filter((node) => this.#receives(node))
    this.#blindFlag = false
  }

  /** Moves the error counters of all, as it ends. */
  count(): void {
    for (const node of this.nodes) {
      if (this.#sends(node)) this.#countSender(node)
      else if (this.#losers.includes(node)) node.controller.failedToSend(8, WIRE_ERRORS.ownBit)
      else if (this.#receives(node)) this.#countReceiver(node)
    }
  }

  #sends(node: WireNode): boolean {
    return node === this.sender || this.companions.includes(node)
  }

  #receives(node: WireNode): boolean {
    return node.present && node.joinedAtUs <= this.startUs && !this.#sends(node)
  }

  #settle(): Outcome {
    const active = (node: WireNode) => !node.controller.passive
    this.#blindFlag = this.#blind.some(active)
    if (this.#losers.some(active)) return 'collided'
    if (!this.nodes.some((node) => this.hears(node))) return 'unacknowledged'
    if (!this.#blindFlag) return 'sent'
    this.#answered = this.nodes.some((node) => active(node) && (this.#sends(node) || this.hears(node)))
    return 'flagged'
  }

  #durationUs(): number {
    const { durationUs } = this.queued
    const error = (flag: number) => flag + ERROR_DELIMITER + INTERMISSION
    switch (this.#outcome) {
      case 'sent':
        return durationUs
      case 'unacknowledged':
        return (
          durationUs + (error(this.#blindFlag ? FLAG_ONE_LATER : FLAG) - AFTER_ACKNOWLEDGE_SLOT) * this.bitUs
        )
      case 'flagged':
        return (
          durationUs +
          (error(this.#answered ? FLAG_ONE_LATER : FLAG) - AFTER_ACKNOWLEDGE_DELIMITER) * this.bitUs
        )
      case 'collided': {
        const bits = this.#losers
          .filter(({ controller }) => !controller.passive)
          .map(({ queue }) => bitsToCollision(this.frame, (queue.head as QueuedFrame).frame))
        return Math.min(durationUs, (Math.min(...bits) + error(FLAG_AND_ANSWER)) * this.bitUs)
      }
    }
  }

  #countSender({ controller }: WireNode): void {
    switch (this.#outcome) {
      case 'sent':
        return controller.sent()
      case 'unacknowledged':
        // Rule c, exception 1: an error-passive sender that sees nothing dominant in its error flag stays as it is.
        return controller.failedToSend(
          controller.passive && !this.#blindFlag ? 0 : 8,
          WIRE_ERRORS.noAcknowledgement,
        )
      case 'flagged':
        return controller.failedToSend(8, WIRE_ERRORS.flagInOwnEnd)
      case 'collided':
        return controller.failedToSend(8, WIRE_ERRORS.stuffing)
    }
  }

  #countReceiver(node: WireNode): void {
    const { controller } = node
    const blind = this.#blind.includes(node)
    switch (this.#outcome) {
      case 'sent':
        return blind ? controller.failedToReceive(1, WIRE_ERRORS.wrongCrc) : controller.received()
      case 'unacknowledged':
        return blind ? controller.failedToReceive(1, WIRE_ERRORS.wrongCrc) : undefined
      case 'flagged': {
        if (!blind) return controller.failedToReceive(1, WIRE_ERRORS.flagInEnd)
        // Rule b: the flags of the others end one bit after its own, so it was the first to find fault.
        const first = !controller.passive && this.#answered
        return controller.failedToReceive(first ? 1 + 8 : 1, WIRE_ERRORS.wrongCrc)
      }
      case 'collided':
        return controller.failedToReceive(1, WIRE_ERRORS.stuffing)
    }
  }
}

/** Of the nodes that are ready, the one that wins, and those whose arbitration field is the same. */
export function arbitrate(
  nodes: readonly WireNode[],
  startUs: number,
): { readonly winner: WireNode; readonly contenders: readonly WireNode[] | undefined } | undefined {
  let winner: WireNode | undefined
  let best: QueuedFrame | undefined
  let contenders: WireNode[] | undefined
  for (const node of nodes) {
    if (node.readyUs > startUs) continue
    const head = node.queue.head as QueuedFrame
    if (winner === undefined || best === undefined || head.arbitration < best.arbitration) {
      winner = node
      best = head
      contenders = undefined
    } else if (head.arbitration === best.arbitration) {
      if (contenders === undefined) contenders = []
      if (contentOrder(head.frame, best.frame) < 0) {
        contenders.push(winner)
        winner = node
        best = head
      } else contenders.push(node)
    }
  }
  return winner && { winner, contenders }
}
