import type { PlatformDeps } from './platform-config.js'
import type { ReservationLife } from './reservation-life.js'
import { expiringReservations, findReservation, type ReservationRow } from './reservation-store.js'
import { bay } from './spaces.js'
import type { SqlSession } from '../ports/sql-store.js'

/** How a reservation ends when its time has come. */
type End = (session: SqlSession, row: ReservationRow) => Promise<boolean>

/** Wait before an expiry that the store could not take is tried again, milliseconds of business time. */
const RETRY_MS = 1_000

/**
 * Ends holds whose time has come, unless the bay has been unlocked by then; and then, unless a vehicle has come. What a
 * rolled-back transaction armed does no harm: when its time comes, nothing is in the state that it would end.
 */
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
    for (const row of await expiringReservations(this.deps.store)) {
      if (row.no_show_at === null) this.arm(row.reservation_id, row.expires_at)
      else this.armNoShow(row.reservation_id, row.no_show_at)
    }
  }

  /** @param atMs milliseconds since the Unix epoch */
  arm(reservationId: string, atMs: number): void {
    this.#arm(reservationId, reservationId, atMs, (session, row) =>
      this.life.take(session, row, 'expired', 'clock'),
    )
  }

  /** @param atMs milliseconds since the Unix epoch */
  armNoShow(reservationId: string, atMs: number): void {
    this.#arm(`${reservationId} no-show`, reservationId, atMs, async (session, row) => {
      // A vehicle of which only a kept status told: it stands there, so its reservation goes on.
      if ((await bay(session, row.bay_id))?.occupancy === 'occupied') {
        return this.life.take(session, row, 'occupied', 'clock')
      }
      return this.life.take(session, row, 'expired', 'clock', 'no-show', ['unlocked'])
    })
  }

  callOff(key: string): void {
    this.#armed.get(key)?.()
    this.#armed.delete(key)
  }

  #arm(key: string, reservationId: string, atMs: number, end: End): void {
    this.callOff(key)
    if (this.#closed) return
    const callOff = this.deps.clock.at(atMs, () => {
      const running = this.#expire(key, reservationId, end).finally(() => this.#running.delete(running))
      this.#running.add(running)
    })
    this.#armed.set(key, callOff)
  }

  /** Resolves when everything that fell due has been dealt with. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const callOff of this.#armed.values()) callOff()
    this.#armed.clear()
    await Promise.all(this.#running)
  }

  async #expire(key: string, reservationId: string, end: End): Promise<void> {
    this.#armed.delete(key)
    try {
      await this.deps.store.transaction(async (session) => {
        const row = await findReservation(session, reservationId)
        if (row) await end(session, row)
      })
      this.onCommit()
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      this.deps.log.record('expiry-failed', { reservationId, reason })
      this.#arm(key, reservationId, this.deps.clock.now() + RETRY_MS, end)
    }
  }
}
