/** Tasks in the order of the cycle they are due at; tasks of one cycle keep the order in which they came. */
export class CycleQueue {
  readonly #tasks: { readonly cycle: number; readonly run: () => void }[] = []

  /** The cycle of the first task, or Infinity when there is none. */
  get nextCycle(): number {
    return this.#tasks[0]?.cycle ?? Infinity
  }

  /** @returns a function that calls the task off */
  add(cycle: number, run: () => void): () => void {
    const task = { cycle, run }
    let index = this.#tasks.length
    while (index > 0 && (this.#tasks[index - 1]?.cycle ?? 0) > cycle) index--
    this.#tasks.splice(index, 0, task)
    return () => {
      const at = this.#tasks.indexOf(task)
      if (at >= 0) this.#tasks.splice(at, 1)
    }
  }

  /** Runs every task that is due at `cycle`, and those that they add for it. */
  runDue(cycle: number): void {
    for (let task = this.#tasks[0]; task && task.cycle <= cycle; task = this.#tasks[0]) {
      this.#tasks.shift()
      task.run()
    }
  }
}
