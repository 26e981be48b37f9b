/** A message that waits to go out. */
export interface Outgoing {
  /** In the order of the commits. */
  readonly sequence: number
  /** Messages of one key go out in order, one at a time; those of other keys do not wait for them. */
  readonly key: string
}

interface Lane<Message> {
  /** By sequence. */
  readonly waiting: Message[]
  inHand: Message | undefined
  /** Reasons not to go on. */
  blocks: number
}

/** Messages by key, and which of them may go now. It neither reads nor sends. */
export class Lanes<Message extends Outgoing> {
  readonly #lanes = new Map<string, Lane<Message>>()
  /** Keys whose next message may go, in the order in which that came to be. */
  readonly #ready = new Set<string>()
  #waiting = 0

  /** Messages that are not in hand. */
  get waiting(): number {
    return this.#waiting
  }

  /** Whether a message could be taken now. */
  get hasReady(): boolean {
    return this.#ready.size > 0
  }

  /** Puts messages of one key where their sequence says; those that wait already wait once. */
  add(key: string, messages: readonly Message[]): void {
    const lane = this.#lane(key)
    const last = lane.waiting.at(-1)?.sequence ?? 0
    const inOrder = messages.every(({ sequence }) => sequence > last)
    const waiting = inOrder ? undefined : new Set(lane.waiting.map(({ sequence }) => sequence))
    const added = waiting ? messages.filter(({ sequence }) => !waiting.has(sequence)) : messages
    lane.waiting.push(...added)
    if (waiting) lane.waiting.sort((a, b) => a.sequence - b.sequence)
    this.#waiting += added.length
    this.#settle(key, lane)
  }

  /** Takes a message in hand: of the key that has waited longest. */
  take(): Message | undefined {
    for (const key of this.#ready) {
      this.#ready.delete(key)
      const lane = this.#lane(key)
      lane.inHand = lane.waiting.shift()
      if (lane.inHand) this.#waiting--
      return lane.inHand
    }
    return undefined
  }

  /** What was in hand is dealt with: the next of its key may go. */
  finish(key: string): void {
    const lane = this.#lane(key)
    lane.inHand = undefined
    this.#settle(key, lane)
  }

  /** What was in hand waits again, before all others of its key. */
  putBack(key: string): void {
    const lane = this.#lane(key)
    const { inHand } = lane
    lane.inHand = undefined
    if (inHand) this.add(key, [inHand])
  }

  /** Nothing of the key is taken until `unblock` has been called as often. */
  block(key: string): void {
    const lane = this.#lane(key)
    lane.blocks++
    this.#settle(key, lane)
  }

  unblock(key: string): void {
    const lane = this.#lane(key)
    lane.blocks--
    this.#settle(key, lane)
  }

  /** Drops what is not in hand: of one key, or of all. */
  forget(key?: string): void {
    for (const each of key === undefined ? [...this.#lanes.keys()] : [key]) {
      const lane = this.#lane(each)
      this.#waiting -= lane.waiting.splice(0).length
      this.#settle(each, lane)
    }
  }

  #lane(key: string): Lane<Message> {
    let lane = this.#lanes.get(key)
    if (!lane) this.#lanes.set(key, (lane = { waiting: [], inHand: undefined, blocks: 0 }))
    return lane
  }

  #settle(key: string, lane: Lane<Message>): void {
    const idle = lane.inHand === undefined && lane.blocks === 0
    if (idle && lane.waiting.length > 0) this.#ready.add(key)
    else this.#ready.delete(key)
    // A city has many keys, and most are silent.
    if (idle && lane.waiting.length === 0) this.#lanes.delete(key)
  }
}
