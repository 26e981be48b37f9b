import type { PlatformDeps } from './platform-config.js'
import type { ReservationLife } from './reservation-life.js'
import { expiringReservations, findReservation } from './reservation-store.js'

/** Wait before an expiry that the store could not take is tried again, milliseconds of business time. */
const RETRY_MS = 1_000

/** Ends holds whose time has come, unless the bay has been unlocked by then. */
export class Expiries {
  readonly #armed = new Map<string, () => void>()
  readonly #running = new Set<Promise<void>>()
  #closed = false

  constructor(
    private readonly deps: Pick<PlatformDeps, 'clock' | 'store' | 'log'>,
    private readonly life: ReservationLife,
    /** Called after a commit that left something in the outbox. */
    private readonly onCommit: () => void,
  ) {}

  /** Arms the expiry of what an earlier run held. */
  async resume(): Promise<void> {
    for (const row of await expiringReservations(this.deps.store))
      this.arm(row.reservation_id, row.expires_at)
  }

  /** @param atMs milliseconds since the Unix epoch */
  arm(reservationId: string, atMs: number): void {
    this.callOff(reservationId)
    if (this.#closed) return
    const callOff = this.deps.clock.at(atMs, () => {
      const running = this.#expire(reservationId).finally(() => this.#running.delete(running))
      this.#running.add(running)
    })
    this.#armed.set(reservationId, callOff)
  }

  callOff(reservationId: string): void {
    this.#armed.get(reservationId)?.()
    this.#armed.delete(reservationId)
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const callOff of this.#armed.values()) callOff()
    this.#armed.clear()
    await Promise.all(this.#running)
  }

  async #expire(reservationId: string): Promise<void> {
    this.#armed.delete(reservationId)
    try {
      await this.deps.store.transaction(async (session) => {
        const row = await findReservation(session, reservationId)
        if (row) await this.life.take(session, row, 'expired', 'clock')
      })
      this.onCommit()
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      this.deps.log.record('expiry-failed', { reservationId, reason })
      this.arm(reservationId, this.deps.clock.now() + RETRY_MS)
    }
  }
}
