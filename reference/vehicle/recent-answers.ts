/** Remembers the last commands that came and what they were answered, so that a repetition is told and answered again. */
export class RecentAnswers<Answer> {
  readonly #answers = new Map<string, Answer | undefined>()

  /** @param capacity commands */
  constructor(private readonly capacity: number) {}

  /** @returns whether the id is new */
  add(id: string): boolean {
    if (this.#answers.has(id)) return false
    this.#answers.set(id, undefined)
    // A map keeps the order of insertion: the first one is the oldest.
    const [oldest] = this.#answers.size > this.capacity ? this.#answers.keys() : []
    if (oldest !== undefined) this.#answers.delete(oldest)
    return true
  }

  answer(id: string, answer: Answer): void {
    if (this.#answers.has(id)) this.#answers.set(id, answer)
  }

  /** What a command was answered; undefined while it is under way. */
  answerTo(id: string): Answer | undefined {
    return this.#answers.get(id)
  }
}
