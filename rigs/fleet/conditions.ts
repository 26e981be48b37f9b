/** Who waits for something to become so. */
export class Conditions {
  readonly #looks = new Set<() => void>()

  /** Something has changed. */
  look(): void {
    for (const look of [...this.#looks]) look()
  }

  /** @returns whether it came to be so before the deadline, wall milliseconds */
  until(isSo: () => boolean, deadlineMs: number): Promise<boolean> {
    if (isSo()) return Promise.resolve(true)
    return new Promise((resolve) => {
      const settle = (is: boolean) => {
        clearTimeout(timer)
        this.#looks.delete(look)
        resolve(is)
      }
      const look = () => {
        if (isSo()) settle(true)
      }
      const timer = setTimeout(() => settle(false), deadlineMs)
      this.#looks.add(look)
    })
  }
}
