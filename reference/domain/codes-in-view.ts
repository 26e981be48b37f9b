/** A text that keeps coming back is new again after so many looks without it at most: a minute at ten looks a second. */
const LONGEST_ABSENCE_LOOKS = 600
/** Texts that are remembered: more than a frame can hold legibly; of more, those longest out of view are forgotten. */
const MOST_REMEMBERED = 64

interface Seen {
  absentLooks: number
  /** How often it has come back. */
  returns: number
}

/**
 * Which codes are before the scanner, look by look. A code that stays is looked at once; it is new again when it has left,
 * and it has left after some looks without it, for a frame may miss what is there.
 */
export class CodesInView {
  readonly #seen = new Map<string, Seen>()

  /**
   * @param looksOutOfSight looks without a code after which it has left
   * @param isSurroundings texts that have to be away twice as long after each return: a sticker that is read in one
   *   frame of ten is not a new one each time
   */
  constructor(
    private readonly looksOutOfSight: number,
    private readonly isSurroundings: (text: string) => boolean = () => false,
  ) {}

  /** Texts in view now, those that the last frames have missed included. */
  get texts(): string[] {
    return [...this.#seen].flatMap(([text, { absentLooks }]) =>
      absentLooks < this.looksOutOfSight ? text : [],
    )
  }

  /**
   * One look.
   * @param texts everything that was read in the frame
   * @returns those that were not in view before, each once, in their order
   */
  look(texts: readonly string[]): string[] {
    const here = new Set(texts)
    for (const [text, seen] of this.#seen) {
      if (here.has(text)) continue
      seen.absentLooks++
      const kept = this.isSurroundings(text) ? LONGEST_ABSENCE_LOOKS : this.looksOutOfSight
      if (seen.absentLooks >= kept) this.#seen.delete(text)
    }
    return [...here].filter((text) => this.#isNew(text))
  }

  #isNew(text: string): boolean {
    const seen = this.#seen.get(text)
    // Taken out and put in again: the map stays in the order of the last sight.
    this.#seen.delete(text)
    const absence = this.looksOutOfSight * 2 ** Math.min(seen?.returns ?? 0, 16)
    const hasReturned = seen !== undefined && seen.absentLooks >= absence
    this.#seen.set(text, { absentLooks: 0, returns: (seen?.returns ?? 0) + (hasReturned ? 1 : 0) })
    if (this.#seen.size > MOST_REMEMBERED) this.#seen.delete(this.#seen.keys().next().value as string)
    return seen === undefined || hasReturned
  }
}
