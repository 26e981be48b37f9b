import type { PhoneMessage } from '../../contracts/phone-api.js'

export type ConversationMessage = PhoneMessage

/** What a user sees of one account, in order. */
export class Conversation {
  readonly #messages: ConversationMessage[]
  readonly #waiting = new Set<() => void>()

  /** @param keep is told of every new message */
  constructor(
    messages: ConversationMessage[],
    private readonly keep: (message: ConversationMessage) => void,
  ) {
    this.#messages = messages
  }

  add(message: Omit<ConversationMessage, 'seq' | 'at'>, nowMs: number): void {
    const added = { ...message, seq: this.#messages.length + 1, at: new Date(nowMs).toISOString() }
    this.#messages.push(added)
    this.keep(added)
    for (const wake of [...this.#waiting]) wake()
  }

  at(seq: number): ConversationMessage | undefined {
    return this.#messages[seq - 1]
  }

  after(seq: number): readonly ConversationMessage[] {
    return this.#messages.slice(Math.max(0, seq))
  }

  /**
   * The messages after `seq`, as soon as there are any; none when `waitMs` of wall time have passed first or the
   * reader has gone.
   */
  async next(seq: number, waitMs: number, gone: AbortSignal): Promise<readonly ConversationMessage[]> {
    if (this.after(seq).length === 0 && waitMs > 0 && !gone.aborted) {
      await new Promise<void>((resolve) => {
        const wake = () => {
          if (this.after(seq).length > 0 || gone.aborted || expired) done()
        }
        let expired = false
        const timer = setTimeout(() => {
          expired = true
          wake()
        }, waitMs)
        const done = () => {
          clearTimeout(timer)
          this.#waiting.delete(wake)
          gone.removeEventListener('abort', wake)
          resolve()
        }
        this.#waiting.add(wake)
        gone.addEventListener('abort', wake)
      })
    }
    return this.after(seq)
  }
}
