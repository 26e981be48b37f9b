/** Work done one after the other, so that what is decided and what is set going are never interleaved. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve()

  run<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work)
    this.#last = turn.catch(() => undefined)
    return turn
  }

  /** Resolves once everything that was asked for so far is done. */
  async idle(): Promise<void> {
    await this.#last
  }
}
