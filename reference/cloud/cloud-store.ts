import type { ReservationRequest } from '../contracts/platform-api.js'
import type { VehicleSize } from '../domain/bay-fit.js'
import type { Symbology } from '../domain/unlock-code.js'
import type { SqlSession, SqlStore } from '../ports/sql-store.js'
import { migrate } from '../sql/migrate.js'
import { CLOUD_MIGRATIONS } from './migrations/cloud-migrations.js'
import type { Language } from './phrases.js'
import type { Search } from './search.js'

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
  readonly vehicleSize: VehicleSize | undefined
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
  /** None when the user named the bay. */
  readonly search: Search | undefined
}

/** A booking of which no answer of the platform is known. */
export interface UnansweredBooking {
  readonly booking: Booking
  /** What the platform was asked. */
  readonly request: ReservationRequest
  /** The instance that asked. */
  readonly askedBy: string
}

export interface EventSubject {
  readonly bayId: string
  readonly reservationId: string
  readonly correlationId: string | undefined
}

const USER = `openid, user_ref AS "userRef", vehicle_id AS "vehicleId", symbology, language,
  vehicle_size AS "vehicleSize"`
const BOOKING = `plan_id AS "planId", user_ref AS "userRef", bay_id AS "bayId", vehicle_id AS "vehicleId",
  correlation_id AS "correlationId", reservation_id AS "reservationId", code, active, symbology, search`

type UserRow = Omit<User, 'vehicleSize'> & { readonly vehicleSize: string | null }
type BookingRow = Omit<Booking, 'search'> & { readonly search: string | null }

const parsed = <T>(json: string | null): T | undefined =>
  json === null ? undefined : (JSON.parse(json) as T)

const asUser = (row: UserRow): User => ({ ...row, vehicleSize: parsed<VehicleSize>(row.vehicleSize) })
const asBooking = <Row extends BookingRow>(row: Row) => ({ ...row, search: parsed<Search>(row.search) })

/** An insert that a uniqueness turned away changes nothing: `false`. */
async function isNew(insert: Promise<{ readonly rowsAffected: number }>): Promise<boolean> {
  return (await insert).rowsAffected > 0
}

export class CloudStore {
  constructor(
    private readonly sql: SqlSession,
    /** Who takes pushes here: differs from one start of the cloud to the next. */
    private readonly instanceId = '',
  ) {}

  static async open(sql: SqlStore, instanceId: string, nowMs: number): Promise<CloudStore> {
    await migrate(sql, 'cloud', CLOUD_MIGRATIONS, nowMs)
    return new CloudStore(sql, instanceId)
  }

  /**
   * @returns false when this push has been answered before, or is being answered here. One that another instance took
   *   and never answered is taken over: WeChat repeats a push for as long as it has no answer, so that one has died,
   *   or is so slow that its answer no longer counts; constraints keep the user from being served twice.
   */
  async takePush(key: string, openid: string): Promise<boolean> {
    return await isNew(
      this.sql.execute(
        `INSERT INTO cloud_seen_pushes (push_key, taken_by, openid, held) VALUES (?, ?, ?, 1)
         ON CONFLICT (push_key) DO UPDATE SET taken_by = excluded.taken_by, held = 1
         WHERE cloud_seen_pushes.reply IS NULL AND cloud_seen_pushes.taken_by <> excluded.taken_by`,
        [key, this.instanceId, openid],
      ),
    )
  }

  /**
   * Ties a signature to the push that it came with.
   * @param keepMs the time from which the signature's age counts: when it could be good for the last time
   * @param oldestMs signatures from before are no longer good by their time, and are forgotten
   * @returns false when it came with another push before: somebody has caught it
   */
  async tieSignature(signature: string, key: string, keepMs: number, oldestMs: number): Promise<boolean> {
    const tie = this.sql.execute(
      `INSERT INTO cloud_push_signatures (signature, push_key, seen_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
      [signature, key, keepMs],
    )
    if (await isNew(tie)) {
      // Each new one takes the old with it: a handful, found by their index.
      await this.sql.execute('DELETE FROM cloud_push_signatures WHERE seen_at < ?', [oldestMs])
      return true
    }
    const [known] = await this.sql.query<{ key: string }>(
      'SELECT push_key AS key FROM cloud_push_signatures WHERE signature = ?',
      [signature],
    )
    return known?.key === key
  }

  /** To be called when WeChat has the answer: from then on messages to the user go out. */
  async rememberReply(key: string, reply: string): Promise<void> {
    await this.sql.execute(`UPDATE cloud_seen_pushes SET reply = ?, held = 0 WHERE push_key = ?`, [
      reply,
      key,
    ])
  }

  /** Pushes that other instances are answering. */
  async pushesHeldElsewhere(): Promise<{ readonly key: string; readonly openid: string }[]> {
    return await this.sql.query(
      `SELECT push_key AS key, openid FROM cloud_seen_pushes
       WHERE held = 1 AND taken_by <> ? AND openid IS NOT NULL`,
      [this.instanceId],
    )
  }

  /** Nobody will answer this push any more. */
  async letPushGo(key: string): Promise<void> {
    await this.sql.execute(`UPDATE cloud_seen_pushes SET held = 0 WHERE push_key = ?`, [key])
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
    const [user] = await this.sql.query<UserRow>(`SELECT ${USER} FROM cloud_users WHERE openid = ?`, [openid])
    if (!user) throw new Error('the store lost a user that it had just taken')
    return asUser(user)
  }

  async userOf(userRef: string): Promise<User | undefined> {
    const query = `SELECT ${USER} FROM cloud_users WHERE user_ref = ?`
    return (await this.sql.query<UserRow>(query, [userRef])).map(asUser)[0]
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

  /** @param size undefined when the user takes it back */
  async measureVehicle(userRef: string, size: VehicleSize | undefined): Promise<void> {
    await this.sql.execute(`UPDATE cloud_users SET vehicle_size = ? WHERE user_ref = ?`, [
      size ? JSON.stringify(size) : null,
      userRef,
    ])
  }

  /** @returns false when the user has a reservation already */
  async beginBooking(
    booking: Omit<Booking, 'reservationId' | 'code' | 'symbology' | 'active'>,
    /** What the platform is asked, kept so that it can be asked again after a crash. */
    request: ReservationRequest,
    askedBy: string,
  ): Promise<boolean> {
    const { planId, userRef, bayId, vehicleId, correlationId, search } = booking
    return await isNew(
      this.sql.execute(
        `INSERT INTO cloud_reservations (plan_id, user_ref, bay_id, vehicle_id, correlation_id, request, search,
           asked_by, progress, active)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ${PROGRESS.held}, 1) ON CONFLICT DO NOTHING`,
        [
          planId,
          userRef,
          bayId,
          vehicleId,
          correlationId,
          JSON.stringify(request),
          search ? JSON.stringify(search) : null,
          askedBy,
        ],
      ),
    )
  }

  /** Keeps the platform's id of a booking. @returns false when it was known */
  async confirmBooking(planId: string, reservationId: string): Promise<boolean> {
    const { rowsAffected } = await this.sql.execute(
      `UPDATE cloud_reservations SET reservation_id = ? WHERE plan_id = ? AND reservation_id IS NULL`,
      [reservationId, planId],
    )
    return rowsAffected > 0
  }

  /** Whether its user has it. */
  async stands(planId: string): Promise<boolean> {
    const rows = await this.sql.query<{ active: number }>(
      `SELECT active FROM cloud_reservations WHERE plan_id = ?`,
      [planId],
    )
    return rows[0]?.active === 1
  }

  async activeBooking(userRef: string): Promise<Booking | undefined> {
    const rows = await this.sql.query<BookingRow>(
      `SELECT ${BOOKING} FROM cloud_reservations WHERE user_ref = ? AND active = 1`,
      [userRef],
    )
    return rows.map(asBooking)[0]
  }

  async unansweredBookings(): Promise<UnansweredBooking[]> {
    const rows = await this.sql.query<BookingRow & { readonly request: string; readonly askedBy: string }>(
      `SELECT ${BOOKING}, request, asked_by AS "askedBy" FROM cloud_reservations WHERE active = 1 AND reservation_id IS NULL`,
    )
    return rows.map(({ request, askedBy, ...booking }) => ({
      booking: asBooking(booking),
      askedBy,
      request: JSON.parse(request) as ReservationRequest,
    }))
  }

  /**
   * The booking that a platform's event is about. The event may overtake the answer that tells the reservation's id:
   * then it is the booking of that bay that waits for one, under the same correlation.
   */
  async bookingOf({ bayId, reservationId, correlationId }: EventSubject): Promise<Booking | undefined> {
    const rows = await this.sql.query<BookingRow>(
      `SELECT ${BOOKING} FROM cloud_reservations
       WHERE reservation_id = ?
          OR (reservation_id IS NULL AND bay_id = ? AND correlation_id = ?)
       ORDER BY active DESC`,
      [reservationId, bayId, correlationId ?? ''],
    )
    return rows.map(asBooking)[0]
  }

  /**
   * @returns false when the reservation is as far already: the news is old. Only a code may come again: a lock that
   *   lost its own is sent another, and the one before opens nothing. One that has lapsed goes on when its bay was
   *   opened all the same, unless its user has another by now.
   */
  async advance(planId: string, to: Progress): Promise<boolean> {
    const rank = PROGRESS[to]
    const below = to === 'coded' ? rank + 1 : rank
    const { rowsAffected } = await this.sql.execute(
      `UPDATE cloud_reservations SET progress = ?, active = ?, code = CASE WHEN ? = 1 THEN NULL ELSE code END
       WHERE plan_id = ? AND progress < ? AND (active = 1 OR (? >= ${PROGRESS.unlocked} AND NOT EXISTS (
         SELECT 1 FROM cloud_reservations o WHERE o.user_ref = cloud_reservations.user_ref AND o.active = 1)))`,
      [rank, rank < PROGRESS.left ? 1 : 0, rank >= PROGRESS.left ? 1 : 0, planId, below, rank],
    )
    return rowsAffected > 0
  }

  /**
   * Ends a booking of which the platform's id is not known.
   * @returns false when the platform's answer or news have told it meanwhile, or when it has ended before
   */
  async endUnanswered(planId: string): Promise<boolean> {
    const { rowsAffected } = await this.sql.execute(
      `UPDATE cloud_reservations SET progress = ${PROGRESS.ended}, active = 0
       WHERE plan_id = ? AND active = 1 AND reservation_id IS NULL`,
      [planId],
    )
    return rowsAffected > 0
  }

  /** Its hold has run out before anybody said that it was used. @returns false when somebody has */
  async lapse(planId: string): Promise<boolean> {
    const { rowsAffected } = await this.sql.execute(
      `UPDATE cloud_reservations SET progress = ${PROGRESS.coded}, active = 0, code = NULL
       WHERE plan_id = ? AND active = 1 AND progress <= ${PROGRESS.coded}`,
      [planId],
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

  /** Another plan is due, since this booking has fallen through. */
  async askForReplan(planId: string, reason: string): Promise<void> {
    await this.sql.execute(`UPDATE cloud_reservations SET replan_reason = ? WHERE plan_id = ?`, [
      reason,
      planId,
    ])
  }

  async dueReplans(): Promise<(Booking & { readonly replanReason: string })[]> {
    const rows = await this.sql.query<BookingRow & { readonly replanReason: string }>(
      `SELECT ${BOOKING}, replan_reason AS "replanReason" FROM cloud_reservations WHERE replan_reason IS NOT NULL`,
    )
    return rows.map(asBooking)
  }

  /** @returns false when another instance has dealt with it */
  async replanDone(planId: string): Promise<boolean> {
    return await isNew(
      this.sql.execute(
        `UPDATE cloud_reservations SET replan_reason = NULL WHERE plan_id = ? AND replan_reason IS NOT NULL`,
        [planId],
      ),
    )
  }
}
