import type { LockEvent } from '../../../reference/contracts/lock-link.js'
import type { WireMessage } from './wire-log.js'

const idOf = ({ body }: WireMessage) => (body as Partial<LockEvent> | undefined)?.id

/**
 * Locks' events of earlier scenarios, by their ids. A lock sends those of the last minute again after a loss of its link,
 * and what could not leave in one scenario leaves in the next: neither is the running scenario's.
 */
export class EarlierEvents {
  readonly #ids = new Set<string>()

  /** From now on these count as earlier. */
  note(messages: readonly WireMessage[]): void {
    for (const message of messages) {
      const id = idOf(message)
      if (message.wire === 'lock' && message.from === 'lock' && id !== undefined) this.#ids.add(id)
    }
  }

  has(message: WireMessage): boolean {
    const id = idOf(message)
    return id !== undefined && this.#ids.has(id)
  }
}
