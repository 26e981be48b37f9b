/** What became of a frame that was looked up. */
export interface OwnMatch {
  readonly own: boolean
  /** Own frames before it whose echo never came. */
  readonly skipped: number
}

const FOREIGN: OwnMatch = { own: false, skipped: 0 }
const NEXT: OwnMatch = { own: true, skipped: 0 }

/**
 * Tells the echo of a node's own frames from those of others, where sender and receiver are two sockets. Own frames
 * are echoed in the order in which they were sent, so only the first that is awaited can be next; when another node
 * sends the same bytes ahead of it, the two change places, which nobody can tell. An echo that the kernel dropped
 * would block the rest: only so many may be passed over as are known to have been dropped.
 */
export class OwnLedger {
  #awaited: string[] = []
  #first = 0
  #mayBeMissing = 0

  /**
   * @param silentDrops true where it is told late or not at all that echoes were dropped: then any number of them may
   *   be passed over
   */
  constructor(private readonly silentDrops = false) {}

  get awaited(): number {
    return this.#awaited.length - this.#first
  }

  /** How many of the awaited may never come. */
  get mayBeMissing(): number {
    return Math.min(this.#mayBeMissing, this.awaited)
  }

  /** @param key `contentKey` of a frame that is about to be sent */
  sent(key: string): void {
    if (this.#first > 1_024 && this.#first * 2 > this.#awaited.length) {
      this.#awaited = this.#awaited.slice(this.#first)
      this.#first = 0
    }
    this.#awaited.push(key)
  }

  /** The newest so many were not sent after all. */
  unsent(frames: number): void {
    this.#awaited.length -= Math.min(frames, this.awaited)
  }

  /** So many frames, of whomever, did not come: Infinity where nobody knows how many. */
  missed(frames: number): void {
    if (this.awaited > 0) this.#mayBeMissing += frames
  }

  /** The oldest so many will not come. */
  giveUp(frames: number): void {
    this.#first += Math.min(frames, this.awaited)
    this.#mayBeMissing = 0
  }

  take(key: string): OwnMatch {
    if (this.awaited === 0) return FOREIGN
    if (this.#awaited[this.#first] === key) {
      this.giveUp(1)
      return NEXT
    }
    const last = Math.min(this.silentDrops ? Infinity : this.#mayBeMissing, this.awaited - 1)
    for (let skipped = 1; skipped <= last; skipped++) {
      if (this.#awaited[this.#first + skipped] === key) {
        this.giveUp(skipped + 1)
        return { own: true, skipped }
      }
    }
    return FOREIGN
  }
}
