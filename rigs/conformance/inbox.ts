/** Longest wait for something that should come, milliseconds of wall time: long, for slow machines. */
const DEADLINE_MS = 15_000

/** What has arrived, for a test that waits for one thing after the other. */
export class Inbox<T> {
  /** Everything that ever arrived, in order. */
  readonly all: T[] = []
  readonly #untaken: T[] = []
  readonly #waiting = new Set<() => void>()

  constructor(private readonly name: string) {}

  push(item: T): void {
    this.all.push(item)
    this.#untaken.push(item)
    for (const look of this.#waiting) look()
  }

  /** The oldest that fits and was not taken before, as soon as there is one; rejects after a deadline. */
  next<S extends T = T>(fits: (item: T) => boolean, deadlineMs = DEADLINE_MS): Promise<S> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = this.#untaken.findIndex(fits)
        if (found < 0) return
        clearTimeout(deadline)
        this.#waiting.delete(look)
        resolve(this.#untaken.splice(found, 1)[0] as S)
      }
      const deadline = setTimeout(() => {
        this.#waiting.delete(look)
        reject(new Error(`nothing that fits came to ${this.name}; there is ${JSON.stringify(this.#untaken)}`))
      }, deadlineMs)
      this.#waiting.add(look)
      look()
    })
  }
}
