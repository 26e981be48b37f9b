import type { CommandRefusal, LockCommand } from '../../reference/contracts/lock-link.js'

/** Commands remembered by their id; the reference lock keeps 1,000, one played lock has a few alive at most. */
const REMEMBERED = 32
const STREAMS = 8

/** What of the lock link keeps a command from being carried out twice, too late or out of turn. */
export class CommandGate {
  readonly #ids = new Set<string>()
  readonly #highest = new Map<string, number>()

  /**
   * Whether a command may be carried out; it is remembered either way, in the order in which the reference lock looks.
   * @param now epoch milliseconds
   */
  judge({ id, stream, sequence, expiresAt }: LockCommand, now: number): CommandRefusal | undefined {
    if (this.#ids.has(id)) return 'repeated'
    remember(this.#ids, id)
    if (stream !== undefined && sequence !== undefined && !this.#advance(stream, sequence))
      return 'out-of-order'
    return now < Date.parse(expiresAt) ? undefined : 'expired'
  }

  #advance(stream: string, sequence: number): boolean {
    const highest = this.#highest.get(stream)
    if (highest !== undefined && sequence <= highest) return false
    this.#highest.set(stream, sequence)
    if (this.#highest.size > STREAMS) {
      const [oldest] = this.#highest.keys()
      if (oldest !== undefined) this.#highest.delete(oldest)
    }
    return true
  }
}

function remember(ids: Set<string>, id: string): void {
  ids.add(id)
  if (ids.size <= REMEMBERED) return
  const [oldest] = ids
  if (oldest !== undefined) ids.delete(oldest)
}
