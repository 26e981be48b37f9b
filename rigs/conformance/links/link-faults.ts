/** What can happen to a message on its way. */
const KINDS = ['drop', 'lose-answer', 'delay', 'duplicate', 'reorder', 'partition'] as const
type Kind = (typeof KINDS)[number]

/** Share of the messages to which something happens. */
const RATE = 0.3
const LONGEST_DELAY_MS = 300
/** A message that is to be overtaken does not wait longer for one that does it. */
const OVERTAKEN_WITHIN_MS = 400
const LONGEST_PARTITION = 6

/** Seeded faults of one link, until it is healed. */
export class LinkFaults {
  readonly counts: Partial<Record<Kind, number>> = {}
  #healed = false
  #partitionLeft = 0
  #overtakes: (() => void)[] = []

  constructor(private readonly random: () => number) {}

  /** From now on the link carries everything. */
  heal(): void {
    this.#healed = true
    this.#passed()
  }

  /** Carries a message, or not. @returns what `send` gave; undefined when the message, or the answer to it, is lost */
  async carry<T>(send: () => Promise<T>): Promise<T | undefined> {
    if (this.#healed) return send()
    if (this.#partitionLeft > 0) {
      this.#partitionLeft--
      return undefined
    }
    if (this.random() >= RATE) return this.#pass(send)
    const kind = KINDS[Math.floor(this.random() * KINDS.length)] ?? 'drop'
    this.counts[kind] = (this.counts[kind] ?? 0) + 1
    switch (kind) {
      case 'drop':
        return undefined
      case 'partition':
        this.#partitionLeft = Math.floor(this.random() * LONGEST_PARTITION)
        return undefined
      case 'lose-answer':
        await this.#pass(send)
        return undefined
      case 'delay':
        await passes(this.random() * LONGEST_DELAY_MS)
        return this.#pass(send)
      case 'duplicate': {
        const first = await this.#pass(send)
        await this.#pass(send)
        return first
      }
      case 'reorder':
        await Promise.race([
          new Promise<void>((resolve) => this.#overtakes.push(resolve)),
          passes(OVERTAKEN_WITHIN_MS),
        ])
        return send()
    }
  }

  async #pass<T>(send: () => Promise<T>): Promise<T> {
    const result = await send()
    this.#passed()
    return result
  }

  #passed(): void {
    for (const overtaken of this.#overtakes.splice(0)) overtaken()
  }
}

const passes = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
