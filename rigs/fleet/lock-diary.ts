import type { LockEvent } from '../../reference/contracts/lock-link.js'
import type { Card } from './fleet-tally.js'

/** When a lock last said what its user is told of, milliseconds of `performance.now()`. */
export type LockTimes = { readonly [card in Card]?: number }

/** Which card an event of a lock leads to. */
function cardOf(event: LockEvent): Card | undefined {
  switch (event.type) {
    case 'reservation-accepted':
      return 'accepted'
    case 'bolt-changed':
      return event.bolt === 'down' && event.reservationId !== undefined ? 'unlocked' : undefined
    case 'occupancy-changed':
      return event.occupied ? 'parked' : 'completed'
    default:
      return undefined
  }
}

/** When each lock of a fleet changed its state. */
export class Diary {
  readonly #times = new Map<string, LockTimes>()

  note(lockId: string, event: LockEvent): void {
    const card = cardOf(event)
    if (!card) return
    const before = card === 'accepted' ? {} : this.#times.get(lockId)
    this.#times.set(lockId, { ...before, [card]: performance.now() })
  }

  of(lockId: string): LockTimes {
    return this.#times.get(lockId) ?? {}
  }
}
