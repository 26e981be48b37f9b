import type { EventLog } from '../ports/event-log.js'
import type { SqlSession, SqlStore } from '../ports/sql-store.js'

/** Thrown when something was to be done by virtue of a duty that another instance has taken over. */
export class DutyLost extends Error {
  override readonly name = 'DutyLost'
  constructor(duty: string) {
    super(`the duty ${duty} is another instance's now; nothing was written`)
  }
}

export interface DutyParts {
  readonly store: SqlStore
  readonly log: EventLog
  /** Has the columns `duty` (key), `instance`, `run` and `beat`. */
  readonly table: string
  readonly duty: string
  /** This instance's name among those that share the store: one that starts again under its name needs not wait. */
  readonly instance: string
  /** Differs from one start to the next. */
  readonly run: string
  /** An instance that has given no sign of life for so long has lost its duty, milliseconds of wall time; 5,000. */
  readonly leaseMs?: number
  /** Called at once when the duty is taken, and every 100 ms of wall time while it is held. */
  readonly whileHeld: () => void
  /** Called when it is lost. */
  readonly onLost: () => void
}

const DEFAULT_LEASE_MS = 5_000
/** How often the holder looks for what others have left to it, wall milliseconds. */
const LOOK_MS = 100
/** How long the end may wait for the store, wall milliseconds. */
const END_MS = 1_000
/** Signs of life within a lease. */
const BEATS_A_LEASE = 5

interface Sign {
  readonly run: string
  readonly beat: number
}

/**
 * Something that one of several instances on a store does for all of them. The holder counts a beat up; another takes
 * the duty when it has seen no new beat for a lease, by its own monotonic clock, so that no two hosts need to agree
 * about the time. The holder itself stops when a lease has passed since it began its last beat, which is earlier.
 */
export class Duty {
  #heldUntil = -Infinity
  #holding = false
  #seen: (Sign & { readonly at: number }) | undefined
  #beating: NodeJS.Timeout | undefined
  #looking: NodeJS.Timeout | undefined
  #tick: Promise<void> = Promise.resolve()
  #ended = false
  readonly #leaseMs: number

  private constructor(private readonly parts: DutyParts) {
    this.#leaseMs = parts.leaseMs ?? DEFAULT_LEASE_MS
  }

  /** Takes the duty at once if nobody has it, or an earlier run of this instance. @throws what the store throws */
  static async begin(parts: DutyParts): Promise<Duty> {
    const duty = new Duty(parts)
    await duty.#takeFree()
    duty.#beatLater()
    return duty
  }

  get held(): boolean {
    return performance.now() < this.#heldUntil
  }

  /** To be called in a transaction that only the holder may commit. @throws DutyLost */
  async require(session: SqlSession): Promise<void> {
    const { table, duty, run } = this.parts
    const mine = await session.query(`SELECT beat FROM ${table} WHERE duty = ? AND run = ?`, [duty, run])
    if (mine.length === 0) throw new DutyLost(duty)
  }

  /** Gives the duty up, so that another may take it at once. Never waits long for a store that hangs. */
  async end(): Promise<void> {
    this.#ended = true
    clearTimeout(this.#beating)
    const { log, duty } = this.parts
    let limit: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => (limit = setTimeout(resolve, END_MS)))
    const givenUp = this.#tick.then(() => this.#giveUp())
    givenUp.catch((error: unknown) => log.record('duty-not-given-up', { duty, reason: String(error) }))
    await Promise.race([givenUp.catch(() => undefined), late])
    clearTimeout(limit)
    if (this.#holding) this.#lose()
  }

  async #giveUp(): Promise<void> {
    if (!this.#holding) return
    this.#lose()
    const { store, table, duty, run } = this.parts
    await store.execute(`UPDATE ${table} SET run = '', beat = beat + 1 WHERE duty = ? AND run = ?`, [
      duty,
      run,
    ])
  }

  #beatLater(): void {
    if (this.#ended) return
    this.#beating = setTimeout(() => {
      this.#tick = this.#beat()
        .catch((error: unknown) => {
          const reason = error instanceof Error ? error.message : String(error)
          this.parts.log.record('duty-unknown', { duty: this.parts.duty, reason })
        })
        .then(() => {
          this.#noticeLapse()
          this.#beatLater()
        })
    }, this.#leaseMs / BEATS_A_LEASE)
  }

  async #beat(): Promise<void> {
    const { store, table, duty, run, instance } = this.parts
    const began = performance.now()
    const renewed = await store.execute(`UPDATE ${table} SET beat = beat + 1 WHERE duty = ? AND run = ?`, [
      duty,
      run,
    ])
    if (renewed.rowsAffected > 0) return this.#hold(began)
    this.#heldUntil = -Infinity
    const [sign] = await store.query<Sign>(`SELECT run, beat FROM ${table} WHERE duty = ?`, [duty])
    if (!sign) return
    const known = this.#seen?.run === sign.run && this.#seen.beat === sign.beat ? this.#seen : undefined
    this.#seen = known ?? { ...sign, at: performance.now() }
    if (sign.run !== '' && performance.now() - this.#seen.at < this.#leaseMs) return
    const asked = performance.now()
    const taken = await store.execute(
      `UPDATE ${table} SET instance = ?, run = ?, beat = beat + 1 WHERE duty = ? AND run = ? AND beat = ?`,
      [instance, run, duty, sign.run, sign.beat],
    )
    if (taken.rowsAffected > 0) this.#hold(asked)
  }

  async #takeFree(): Promise<void> {
    const { store, table, duty, run, instance } = this.parts
    const asked = performance.now()
    const taken = await store.execute(
      `INSERT INTO ${table} (duty, instance, run, beat) VALUES (?, ?, ?, 1)
       ON CONFLICT (duty) DO UPDATE SET instance = excluded.instance, run = excluded.run, beat = ${table}.beat + 1
       WHERE ${table}.instance = excluded.instance OR ${table}.run = ''`,
      [duty, instance, run],
    )
    if (taken.rowsAffected > 0) this.#hold(asked)
  }

  /** @param since before the beat that is now in the store; never after it, or two might hold the duty */
  #hold(since: number): void {
    // Whoever asked in the lapse may have given up for good, as the lock link does: only a duty that is lost is begun anew.
    this.#noticeLapse()
    this.#heldUntil = since + this.#leaseMs
    if (this.#holding || this.#ended || !this.held) return
    this.#holding = true
    const { duty, instance, log, whileHeld } = this.parts
    log.record('duty-taken', { duty, instance })
    // A store that hangs holds the beat up, but not this.
    this.#looking = setInterval(() => (this.held ? whileHeld() : this.#lose()), LOOK_MS)
    whileHeld()
  }

  #noticeLapse(): void {
    if (this.#holding && !this.held) this.#lose()
  }

  #lose(): void {
    this.#holding = false
    this.#heldUntil = -Infinity
    clearInterval(this.#looking)
    this.parts.log.record('duty-lost', { duty: this.parts.duty, instance: this.parts.instance })
    this.parts.onLost()
  }
}
