/** Own datagrams that are remembered until they come back; more do not fit any socket's buffer. */
const MOST = 65_536

/**
 * Tells which of the datagrams that the kernel dropped were the node's own. Its own come back to it as everybody's
 * do, in order; one that does not come back was dropped.
 */
export class OwnDatagrams {
  /** What marks each that has not come back yet, oldest first. */
  #away: number[] = []
  #dropped = 0

  get away(): number {
    return this.#away.length
  }

  get dropped(): number {
    return this.#dropped
  }

  sent(mark: number): void {
    this.#away.push(mark)
    if (this.#away.length > MOST) this.#away.shift()
  }

  /** One that was not sent after all. */
  unsent(mark: number): void {
    this.#away = this.#away.filter((other) => other !== mark)
  }

  /** Those that went before it and are still away never come. */
  cameBack(mark: number): void {
    const at = this.#away.indexOf(mark)
    if (at < 0) return
    this.#dropped += at
    this.#away.splice(0, at + 1)
  }

  /** None is on its way any more: those that are away never come. */
  noneUnderWay(): void {
    this.#dropped += this.#away.length
    this.#away = []
  }
}
