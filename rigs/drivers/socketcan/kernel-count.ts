/** How many frames the kernel had for a socket by a moment of its clock. */
interface Checkpoint {
  readonly matches: number
  readonly atUs: number
}

/**
 * Finds out how many frames a socket had no room for, where nobody tells: the kernel counts what its filters matched
 * for the socket, we count what the socket gave. What was matched before a checkpoint, yet has not come when a later
 * frame comes, was dropped: a socket's queue keeps the order.
 */
export class KernelCount {
  #heard = 0
  #lost = 0
  /** Frames heard that were queued before the filters were set, and so are in no count. */
  #uncounted = 0
  #checkpoint: Checkpoint | undefined

  get heard(): number {
    return this.#heard
  }

  /**
   * A frame came out of the socket.
   * @returns how many more are now known to be lost
   */
  hear(timestampUs: number): number {
    const passed = this.#checkpoint !== undefined && timestampUs > this.#checkpoint.atUs
    const lost = passed ? this.#settle() : 0
    this.#heard++
    return lost
  }

  /**
   * Everything that the kernel has matched by `atUs`, read at that moment or before. An earlier checkpoint that no
   * frame has passed yet stays, or a busy bus would never pass one.
   */
  check(matches: number, atUs: number): void {
    this.#checkpoint ??= { matches, atUs }
  }

  /** The same when nothing seems to follow: an earlier checkpoint would leave out what came since. */
  checkLast(matches: number, atUs: number): void {
    this.#checkpoint = { matches, atUs }
  }

  /** The socket's queue has been empty since the checkpoint. @returns how many more are now known to be lost */
  quiet(): number {
    const checkpoint = this.#checkpoint
    if (!checkpoint) return 0
    // More came than the kernel counted: they were there before it began to.
    this.#uncounted = Math.max(this.#uncounted, this.#heard - checkpoint.matches)
    return this.#settle()
  }

  #settle(): number {
    const { matches } = this.#checkpoint as Checkpoint
    this.#checkpoint = undefined
    const lost = Math.max(this.#lost, matches - (this.#heard - this.#uncounted))
    const more = lost - this.#lost
    this.#lost = lost
    return more
  }
}
