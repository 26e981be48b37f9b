export interface ConversationMessage {
  /** 1, 2, 3 … within the conversation. */
  readonly seq: number
  readonly from: 'user' | 'account'
  /** `notice` is what the platform itself shows, e.g. when the account fails. */
  readonly kind: 'text' | 'image' | 'location' | 'news' | 'notice'
  readonly text?: string
  readonly mediaId?: string
  /** RFC 3339, business time. */
  readonly at: string
}

/** What a user sees of one account, in order. */
export class Conversation {
  readonly #messages: ConversationMessage[] = []
  readonly #waiting = new Set<() => void>()

  add(message: Omit<ConversationMessage, 'seq' | 'at'>, nowMs: number): void {
    this.#messages.push({ ...message, seq: this.#messages.length + 1, at: new Date(nowMs).toISOString() })
    for (const wake of [...this.#waiting]) wake()
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
