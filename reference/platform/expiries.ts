import type { SqlTransaction } from '../ports/sql-store.js'
import type { PlatformDeps } from './platform-config.js'
import type { ReservationLife } from './reservation-life.js'
import {
  dueReservations,
  findReservation,
  nextDueAtMs,
  type LockPatience,
  type ReservationRow,
} from './reservation-store.js'
import { bay } from './spaces.js'

/** Wait before an expiry that the store could not take is tried again, milliseconds of business time. */
const RETRY_MS = 1_000
/** Most that are read at once. */
const PAGE = 500

/**
 * Ends holds on which their lock says nothing, those whose time has come, unless the bay has been unlocked by then, and
 * stays into which no vehicle has come. What is
 * due is read from the store, so that any instance ends what another one held; a step that has been taken already
 * starts from nowhere, so that two of them do no harm.
 */
export class Expiries {
  #next: { readonly atMs: number; readonly callOff: () => void } | undefined
  #running: Promise<void> | undefined
  #again = false
  #closed = false

  constructor(
    private readonly deps: Pick<PlatformDeps, 'clock' | 'store' | 'log'>,
    private readonly life: ReservationLife,
    private readonly patience: LockPatience,
    /** Called after a commit that left something in the outbox. */
    private readonly onCommit: () => void,
  ) {}

  /**
   * Something falls due then; told too early, or of what a rolled-back transaction was to do, it does no harm.
   * @param atMs milliseconds since the Unix epoch
   */
  expect(atMs: number): void {
    if (this.#closed || (this.#next && this.#next.atMs <= atMs)) return
    this.#next?.callOff()
    const callOff = this.deps.clock.at(atMs, () => {
      this.#next = undefined
      void this.sweep()
    })
    this.#next = { atMs, callOff }
  }

  /** A hold has begun, of which the lock is to say something. @param endsAtMs milliseconds since the Unix epoch */
  expectHold(endsAtMs: number): void {
    this.expect(Math.min(endsAtMs, this.deps.clock.now() + this.patience.silenceMs))
  }

  /** Ends whatever is due. Resolves when it is done, or has failed and will be tried again. */
  sweep(): Promise<void> {
    if (this.#closed) return Promise.resolve()
    this.#again = true
    this.#running ??= this.#run()
    return this.#running
  }

  /** Resolves when everything that fell due has been dealt with. */
  async settled(): Promise<void> {
    while (this.#running) await this.#running
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#next?.callOff()
    await this.#running
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#closed) {
      this.#again = false
      try {
        await this.#endDue()
      } catch (error) {
        this.#failed(error)
      }
    }
    this.#running = undefined
  }

  async #endDue(): Promise<void> {
    const { store, clock } = this.deps
    const nowMs = clock.now()
    const due = await dueReservations(store, nowMs, this.patience, PAGE)
    let failed = false
    for (const reservationId of due) {
      if (this.#closed) return
      try {
        await store.transaction((session) => this.#end(session, reservationId))
        this.onCommit()
      } catch (error) {
        failed = true
        this.#failed(error, reservationId)
      }
    }
    const next = await nextDueAtMs(store, nowMs, this.patience)
    const moreIsDue = due.length === PAGE || (next !== undefined && next <= clock.now())
    // What has failed just now has its own time.
    if (moreIsDue) this.#again ||= !failed
    else if (next !== undefined) this.expect(next)
  }

  async #end(session: SqlTransaction, reservationId: string): Promise<void> {
    const row = await findReservation(session, reservationId)
    // Judged again: since it was found due its lock may have spoken.
    if (!row || !this.#isDue(row)) return
    if (row.state === 'held' && this.#isSilent(row)) {
      await this.life.giveUpOnLock(session, row)
    } else if (row.no_show_at === null) {
      await this.life.take(session, row, 'expired', 'clock')
    } else if ((await bay(session, row.bay_id))?.occupancy === 'occupied') {
      // A vehicle of which only a kept status told: it stands there, so its reservation goes on.
      await this.life.take(session, row, 'occupied', 'clock')
    } else {
      await this.life.take(session, row, 'expired', 'clock', 'no-show', ['unlocked'])
    }
  }

  #isSilent({ created_at }: ReservationRow): boolean {
    return this.deps.clock.now() - created_at >= this.patience.silenceMs
  }

  #isDue(row: ReservationRow): boolean {
    if (row.state === 'held' && this.#isSilent(row)) return true
    const graceMs = row.state === 'code-issued' ? this.patience.unlockGraceMs : 0
    return (row.no_show_at ?? row.expires_at + graceMs) <= this.deps.clock.now()
  }

  #failed(error: unknown, reservationId?: string): void {
    const reason = error instanceof Error ? error.message : String(error)
    this.deps.log.record('expiry-failed', { ...(reservationId && { reservationId }), reason })
    this.expect(this.deps.clock.now() + RETRY_MS)
  }
}
