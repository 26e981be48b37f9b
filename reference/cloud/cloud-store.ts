import type { Symbology } from '../domain/unlock-code.js'
import type { SqlSession, SqlStore } from '../ports/sql-store.js'
import type { Language } from './phrases.js'

/**
 * What the cloud remembers. A repeated delivery, a second reservation of one user, and two users behind one reference
 * are made impossible by constraints, not by looking first.
 */
const SCHEMA = [
  `CREATE TABLE IF NOT EXISTS cloud_users (
     openid TEXT PRIMARY KEY,
     user_ref TEXT NOT NULL UNIQUE,
     vehicle_id TEXT,
     symbology TEXT NOT NULL,
     language TEXT NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS cloud_seen_pushes (push_key TEXT PRIMARY KEY, reply TEXT)`,
  `CREATE TABLE IF NOT EXISTS cloud_seen_events (event_id TEXT PRIMARY KEY)`,
  `CREATE TABLE IF NOT EXISTS cloud_reservations (
     plan_id TEXT PRIMARY KEY,
     user_ref TEXT NOT NULL REFERENCES cloud_users (user_ref),
     bay_id TEXT NOT NULL,
     vehicle_id TEXT,
     correlation_id TEXT NOT NULL,
     reservation_id TEXT UNIQUE,
     progress INTEGER NOT NULL,
     active INTEGER NOT NULL,
     code TEXT,
     symbology TEXT)`,
  `CREATE UNIQUE INDEX IF NOT EXISTS cloud_one_reservation_a_user ON cloud_reservations (user_ref) WHERE active = 1`,
]

/** How far a reservation has come; it never goes back. */
export const PROGRESS = { held: 0, accepted: 1, coded: 2, unlocked: 3, parked: 4, left: 5, ended: 6 } as const
export type Progress = keyof typeof PROGRESS

export interface User {
  readonly openid: string
  /** The only name by which the platform knows the user. */
  readonly userRef: string
  readonly vehicleId: string | null
  readonly symbology: Symbology
  readonly language: Language
}

export interface Booking {
  readonly planId: string
  readonly userRef: string
  readonly bayId: string
  readonly vehicleId: string | null
  readonly correlationId: string
  readonly reservationId: string | null
  readonly code: string | null
  /** 1 while the user has it. */
  readonly active: number
  readonly symbology: Symbology | null
}

export interface EventSubject {
  readonly bayId: string
  readonly reservationId: string
  readonly correlationId: string | undefined
}

const USER = `openid, user_ref AS userRef, vehicle_id AS vehicleId, symbology, language`
const BOOKING = `plan_id AS planId, user_ref AS userRef, bay_id AS bayId, vehicle_id AS vehicleId,
  correlation_id AS correlationId, reservation_id AS reservationId, code, active, symbology`

/** An insert that a uniqueness turned away changes nothing: `false`. */
async function isNew(insert: Promise<{ readonly rowsAffected: number }>): Promise<boolean> {
  return (await insert).rowsAffected > 0
}

export class CloudStore {
  constructor(private readonly sql: SqlStore | SqlSession) {}

  static async open(sql: SqlStore): Promise<CloudStore> {
    for (const statement of SCHEMA) await sql.execute(statement)
    return new CloudStore(sql)
  }

  /** @returns false when this push has been taken before */
  async takePush(key: string): Promise<boolean> {
    return await isNew(
      this.sql.execute(`INSERT INTO cloud_seen_pushes (push_key) VALUES (?) ON CONFLICT DO NOTHING`, [key]),
    )
  }

  async rememberReply(key: string, reply: string): Promise<void> {
    await this.sql.execute(`UPDATE cloud_seen_pushes SET reply = ? WHERE push_key = ?`, [reply, key])
  }

  async replyTo(key: string): Promise<string | undefined> {
    const rows = await this.sql.query<{ reply: string | null }>(
      `SELECT reply FROM cloud_seen_pushes WHERE push_key = ?`,
      [key],
    )
    return rows[0]?.reply ?? undefined
  }

  /** @returns false when this event has been taken before */
  async takeEvent(eventId: string): Promise<boolean> {
    return await isNew(
      this.sql.execute(`INSERT INTO cloud_seen_events (event_id) VALUES (?) ON CONFLICT DO NOTHING`, [
        eventId,
      ]),
    )
  }

  /** The user of an openid, made on the first sight. */
  async user(openid: string, newUserRef: string): Promise<User> {
    await this.sql.execute(
      `INSERT INTO cloud_users (openid, user_ref, symbology, language) VALUES (?, ?, 'qr', 'zh')
       ON CONFLICT (openid) DO NOTHING`,
      [openid, newUserRef],
    )
    const [user] = await this.sql.query<User>(`SELECT ${USER} FROM cloud_users WHERE openid = ?`, [openid])
    if (!user) throw new Error('the store lost a user that it had just taken')
    return user
  }

  async userOf(userRef: string): Promise<User | undefined> {
    return (await this.sql.query<User>(`SELECT ${USER} FROM cloud_users WHERE user_ref = ?`, [userRef]))[0]
  }

  async bindVehicle(userRef: string, vehicleId: string): Promise<void> {
    await this.sql.execute(`UPDATE cloud_users SET vehicle_id = ? WHERE user_ref = ?`, [vehicleId, userRef])
  }

  async prefer(userRef: string, wish: { symbology?: Symbology; language?: Language }): Promise<void> {
    await this.sql.execute(
      `UPDATE cloud_users SET symbology = COALESCE(?, symbology), language = COALESCE(?, language) WHERE user_ref = ?`,
      [wish.symbology ?? null, wish.language ?? null, userRef],
    )
  }

  /** @returns false when the user has a reservation already */
  async beginBooking(
    booking: Omit<Booking, 'reservationId' | 'code' | 'symbology' | 'active'>,
  ): Promise<boolean> {
    const { planId, userRef, bayId, vehicleId, correlationId } = booking
    return await isNew(
      this.sql.execute(
        `INSERT INTO cloud_reservations (plan_id, user_ref, bay_id, vehicle_id, correlation_id, progress, active)
         VALUES (?, ?, ?, ?, ?, ${PROGRESS.held}, 1) ON CONFLICT DO NOTHING`,
        [planId, userRef, bayId, vehicleId, correlationId],
      ),
    )
  }

  /** Keeps the platform's id of a booking. @returns whether the booking still stands */
  async confirmBooking(planId: string, reservationId: string): Promise<boolean> {
    await this.sql.execute(`UPDATE cloud_reservations SET reservation_id = ? WHERE plan_id = ?`, [
      reservationId,
      planId,
    ])
    const rows = await this.sql.query<{ active: number }>(
      `SELECT active FROM cloud_reservations WHERE plan_id = ?`,
      [planId],
    )
    return rows[0]?.active === 1
  }

  async activeBooking(userRef: string): Promise<Booking | undefined> {
    const rows = await this.sql.query<Booking>(
      `SELECT ${BOOKING} FROM cloud_reservations WHERE user_ref = ? AND active = 1`,
      [userRef],
    )
    return rows[0]
  }

  /**
   * The booking that a platform's event is about. The event may overtake the answer that tells the reservation's id:
   * then it is the booking of that bay that waits for one, under the same correlation.
   */
  async bookingOf({ bayId, reservationId, correlationId }: EventSubject): Promise<Booking | undefined> {
    const rows = await this.sql.query<Booking>(
      `SELECT ${BOOKING} FROM cloud_reservations
       WHERE reservation_id = ?
          OR (reservation_id IS NULL AND bay_id = ? AND correlation_id = ?)
       ORDER BY active DESC`,
      [reservationId, bayId, correlationId ?? ''],
    )
    return rows[0]
  }

  /** @returns false when the reservation is as far already: the news is old */
  async advance(planId: string, to: Progress): Promise<boolean> {
    const rank = PROGRESS[to]
    const { rowsAffected } = await this.sql.execute(
      `UPDATE cloud_reservations SET progress = ?, active = ?, code = CASE WHEN ? = 1 THEN NULL ELSE code END
       WHERE plan_id = ? AND progress < ?`,
      [rank, rank < PROGRESS.left ? 1 : 0, rank >= PROGRESS.left ? 1 : 0, planId, rank],
    )
    return rowsAffected > 0
  }

  async keepCode(planId: string, code: string, symbology: Symbology): Promise<void> {
    await this.sql.execute(`UPDATE cloud_reservations SET code = ?, symbology = ? WHERE plan_id = ?`, [
      code,
      symbology,
      planId,
    ])
  }
}
