import type { LockEvent } from '../contracts/lock-link.js'
import { NO_WEAR, type Wear } from '../domain/wear.js'
import type { SqlSession, SqlStore } from '../ports/sql-store.js'

/**
 * - `accepted`: the comparator said yes, the code is asked for
 * - `coded`: the code is here
 * - `opening`: the code was right and is used up, the bolt is on its way down
 * - `unlocked`: the bolt is down, the vehicle is expected
 * - `occupied`: the vehicle has been seen
 * - `left`: it has gone; only the platform's word is missing
 */
export type HeldState = 'accepted' | 'coded' | 'opening' | 'unlocked' | 'occupied' | 'left'

export interface HeldReservation {
  readonly id: string
  readonly state: HeldState
  /** Epoch milliseconds of business time. */
  readonly holdUntil: number
  readonly correlationId: string | undefined
}

/** Names of the settings that outlive a battery swap. */
type Setting =
  | 'boot-count'
  | 'preset'
  | 'comparator-reading'
  | 'raise-owed'
  | 'occupied'
  /** Why the lock is safe, and stays so over a restart; empty when it is not. */
  | 'safe-latch'
  | 'wear'
  /** The last codes in form that this lock does not know, digests with their times: the throttle's count. */
  | 'guesses'

const SCHEMA = [
  `CREATE TABLE IF NOT EXISTS lock_settings (name TEXT PRIMARY KEY, value TEXT NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS lock_reservation (
     one INTEGER PRIMARY KEY CHECK (one = 1), id TEXT NOT NULL, state TEXT NOT NULL,
     hold_until INTEGER NOT NULL, correlation_id TEXT)`,
  `CREATE TABLE IF NOT EXISTS lock_codes (
     seq INTEGER PRIMARY KEY AUTOINCREMENT, digest TEXT NOT NULL UNIQUE, reservation_id TEXT NOT NULL,
     state TEXT NOT NULL CHECK (state IN ('fresh', 'used', 'expired')), valid_until INTEGER NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS lock_rotating_keys (
     seq INTEGER PRIMARY KEY AUTOINCREMENT, reservation_id TEXT NOT NULL UNIQUE, rotating_key TEXT NOT NULL,
     state TEXT NOT NULL CHECK (state IN ('fresh', 'used', 'expired')), valid_until INTEGER NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS lock_commands (
     seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, correlation_id TEXT, finished INTEGER NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS lock_command_streams (
     seq INTEGER PRIMARY KEY AUTOINCREMENT, stream TEXT NOT NULL UNIQUE, highest INTEGER NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS lock_outbox (seq INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL)`,
]

/** Creates what is missing in a lock's own storage. */
export async function prepareLockStorage(store: SqlStore): Promise<void> {
  for (const statement of SCHEMA) await store.execute(statement)
}

/** Commands remembered: far more than can be alive at once, since every command has an end of life. */
const COMMAND_HISTORY = 1_000
/** Streams remembered, those that began last. */
const STREAM_HISTORY = 8

/** The lock's records as one transaction sees them. */
export class LockRecords {
  constructor(readonly session: SqlSession) {}

  async setting(name: Setting): Promise<string | undefined> {
    const rows = await this.session.query<{ value: string }>(
      'SELECT value FROM lock_settings WHERE name = ?',
      [name],
    )
    return rows[0]?.value
  }

  async set(name: Setting, value: string): Promise<void> {
    await this.session.execute(
      'INSERT INTO lock_settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
      [name, value],
    )
  }

  async wear(): Promise<Wear> {
    const kept = await this.setting('wear')
    return kept === undefined ? NO_WEAR : (JSON.parse(kept) as Wear)
  }

  async setWear(wear: Wear): Promise<void> {
    await this.set('wear', JSON.stringify(wear))
  }

  async reservation(): Promise<HeldReservation | undefined> {
    const [row] = await this.session.query<{
      id: string
      state: HeldState
      hold_until: number
      correlation_id: string | null
    }>('SELECT id, state, hold_until, correlation_id FROM lock_reservation')
    return (
      row && {
        id: row.id,
        state: row.state,
        holdUntil: row.hold_until,
        correlationId: row.correlation_id ?? undefined,
      }
    )
  }

  async hold(reservation: HeldReservation): Promise<void> {
    await this.session.execute(
      `INSERT INTO lock_reservation (one, id, state, hold_until, correlation_id) VALUES (1, ?, ?, ?, ?)
       ON CONFLICT (one) DO UPDATE SET id = excluded.id, state = excluded.state,
         hold_until = excluded.hold_until, correlation_id = excluded.correlation_id`,
      [reservation.id, reservation.state, reservation.holdUntil, reservation.correlationId ?? null],
    )
  }

  async dropReservation(): Promise<void> {
    await this.session.execute('DELETE FROM lock_reservation')
  }

  /** @returns undefined for a command that has never come before */
  async commandState(id: string): Promise<'begun' | 'finished' | undefined> {
    const [row] = await this.session.query<{ finished: number }>(
      'SELECT finished FROM lock_commands WHERE id = ?',
      [id],
    )
    return row && (row.finished ? 'finished' : 'begun')
  }

  async rememberCommand(id: string, correlationId: string | undefined, finished: boolean): Promise<void> {
    await this.session.execute(
      `INSERT INTO lock_commands (id, correlation_id, finished) VALUES (?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET finished = excluded.finished`,
      [id, correlationId ?? null, finished ? 1 : 0],
    )
    await this.session.execute(
      `DELETE FROM lock_commands WHERE finished = 1 AND seq <= (SELECT MAX(seq) FROM lock_commands) - ${COMMAND_HISTORY}`,
    )
  }

  /** Remembers how far a stream of commands has come. @returns false for a number that is not above all before it */
  async advanceStream(stream: string, sequence: number): Promise<boolean> {
    const { rowsAffected } = await this.session.execute(
      `INSERT INTO lock_command_streams (stream, highest) VALUES (?, ?)
       ON CONFLICT (stream) DO UPDATE SET highest = excluded.highest WHERE highest < excluded.highest`,
      [stream, sequence],
    )
    await this.session.execute(
      `DELETE FROM lock_command_streams
       WHERE seq <= (SELECT MAX(seq) FROM lock_command_streams) - ${STREAM_HISTORY}`,
    )
    return rowsAffected > 0
  }

  async begunCommands(): Promise<{ id: string; correlationId: string | undefined }[]> {
    const rows = await this.session.query<{ id: string; correlation_id: string | null }>(
      'SELECT id, correlation_id FROM lock_commands WHERE finished = 0 ORDER BY seq',
    )
    return rows.map((row) => ({ id: row.id, correlationId: row.correlation_id ?? undefined }))
  }

  async post(event: LockEvent): Promise<void> {
    await this.session.execute('INSERT INTO lock_outbox (event) VALUES (?)', [JSON.stringify(event)])
  }

  async nextToSend(): Promise<{ seq: number; event: string } | undefined> {
    const rows = await this.session.query<{ seq: number; event: string }>(
      'SELECT seq, event FROM lock_outbox ORDER BY seq LIMIT 1',
    )
    return rows[0]
  }

  async sent(seq: number): Promise<void> {
    await this.session.execute('DELETE FROM lock_outbox WHERE seq = ?', [seq])
  }
}
