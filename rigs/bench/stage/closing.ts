/** Things that were opened, to be closed in the opposite order; every one is tried, the first failure is thrown. */
export class Closing {
  readonly #ends: (() => unknown)[] = []

  /** Adds what has just been opened, and hands it back. */
  add<T extends { close(): unknown }>(opened: T): T {
    this.#ends.push(() => opened.close())
    return opened
  }

  addEnd(end: () => unknown): void {
    this.#ends.push(end)
  }

  readonly close = async (): Promise<void> => {
    const failures: unknown[] = []
    for (const end of this.#ends.splice(0).reverse()) {
      try {
        await end()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw failures[0]
  }
}
