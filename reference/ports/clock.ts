/** Business time: holds, token life, windows. Scenarios may move it; transport timeouts never read it. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number
  /**
   * Runs `task` once business time has reached `epochMs` (at once, but never synchronously, if it has already).
   * @returns a function that calls the task off
   */
  at(epochMs: number, task: () => void): () => void
}
