import { createHash } from 'node:crypto'
import type { Reservation, ReservationRequest } from '../contracts/platform-api.js'
import { ConstraintViolation, type SqlSession, type SqlTransaction } from '../ports/sql-store.js'
import type { Expiries } from './expiries.js'
import type { PlatformDeps } from './platform-config.js'
import { refuse, type Refusal } from './problem.js'
import type { ReservationLife } from './reservation-life.js'
import { asReservation, findReservation, type ReservationRow } from './reservation-store.js'
import { lockHealth, reportedFix, reservableBay, type ReservableBay } from './spaces.js'

export interface ReserveOrder {
  readonly request: ReservationRequest
  readonly idempotencyKey: string
  readonly correlationId?: string | undefined
  /** Who asks; the cloud if not given. */
  readonly party?: string
}

const CLOUD = 'cloud'

/** Each party has keys of its own: nobody runs into another's, or learns that it is in use. */
function keyOf({ idempotencyKey, party = CLOUD }: ReserveOrder): string {
  return party === CLOUD ? idempotencyKey : `${party} ${idempotencyKey}`
}

/** The same request, however its JSON was written, has the same fingerprint. */
function fingerprint({ bayId, location, userRef, symbology, holdSeconds }: ReservationRequest): string {
  const parts = [bayId, location.latitude, location.longitude, userRef, symbology, holdSeconds ?? null]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

/** Why the bay cannot be promised to anyone now; that another holds it is for the store's constraint to say. */
function unfit(row: ReservableBay): Refusal | undefined {
  if (!row.in_service) return refuse('bay-out-of-service', `bay ${row.bay_id} is out of service`)
  const health = lockHealth(row)
  if (health !== 'ok') return refuse('bay-out-of-service', `the lock of bay ${row.bay_id}: ${health}`)
  if (row.occupancy === 'occupied') return refuse('bay-taken', `a vehicle stands in bay ${row.bay_id}`)
  if (row.bolt === 'unknown') return refuse('bay-out-of-service', `the bolt of bay ${row.bay_id}: unknown`)
  if (row.bolt !== 'up') return refuse('bay-taken', `the bolt of bay ${row.bay_id} is not up`)
  return undefined
}

/** What the cloud asks of reservations: hold, look, cancel. */
export class Reservations {
  constructor(
    private readonly deps: PlatformDeps,
    private readonly life: ReservationLife,
    private readonly expiries: Expiries,
    private readonly holdSeconds: number,
    /** Called after a commit that left something in the outbox. */
    private readonly onCommit: () => void,
  ) {}

  /** A refusal changes nothing, so its Idempotency-Key stays free; a reservation's key answers for it ever after. */
  async reserve(order: ReserveOrder): Promise<Reservation | Refusal> {
    try {
      const answer = await this.deps.store.transaction((session) => this.#hold(session, order))
      if ('refused' in answer) return answer
      this.expiries.expectHold(Date.parse(answer.expiresAt))
      this.onCommit()
      return answer
    } catch (error) {
      if (!(error instanceof ConstraintViolation && error.kind === 'unique')) throw error
      // The race is lost: to the same request sent twice at once, or to another one for the bay.
      const replay = await this.#replay(this.deps.store, order)
      return replay ?? refuse('bay-taken', `bay ${order.request.bayId} is reserved`)
    }
  }

  /** @param party whose reservation it has to be */
  async find(id: string, party = CLOUD): Promise<Reservation | Refusal> {
    const row = await findReservation(this.deps.store, id)
    return row?.party === party
      ? asReservation(row)
      : refuse('reservation-unknown', `there is no reservation ${id}`)
  }

  /** Cancels what has not been unlocked; cancelling twice answers the same. */
  cancel(id: string, party = CLOUD): Promise<Reservation | Refusal> {
    return this.#end(id, (session, row) => this.life.take(session, row, 'cancelled', 'request'), party)
  }

  /** An operator ends what is active, whatever its state; ending it twice answers the same. */
  override(id: string): Promise<Reservation | Refusal> {
    return this.#end(id, (session, row) => this.life.override(session, row))
  }

  async #end(
    id: string,
    end: (session: SqlTransaction, row: ReservationRow) => Promise<boolean>,
    /** Whose it has to be; anybody's if not given. */
    party?: string,
  ): Promise<Reservation | Refusal> {
    const answer = await this.deps.store.transaction(async (session) => {
      const row = await findReservation(session, id)
      if (!row || (party !== undefined && row.party !== party)) {
        return refuse('reservation-unknown', `there is no reservation ${id}`)
      }
      if (!(await end(session, row)) && row.state !== 'cancelled') {
        return refuse('reservation-not-cancellable', `reservation ${id} is ${row.state}`)
      }
      return asReservation((await findReservation(session, id)) ?? row)
    })
    if ('refused' in answer) return answer
    this.onCommit()
    return answer
  }

  async #hold(session: SqlTransaction, order: ReserveOrder): Promise<Reservation | Refusal> {
    const { request, correlationId = null } = order
    const target = await reservableBay(session, request.bayId)
    // Whether the key has come before is asked only where nothing would be written; else its constraint says so.
    if (!target) {
      const unknown = refuse('bay-unknown', `there is no bay ${request.bayId}`)
      return (await this.#replay(session, order)) ?? unknown
    }
    const hindrance = unfit(target)
    if (hindrance) return (await this.#replay(session, order)) ?? hindrance

    const nowMs = this.deps.clock.now()
    const row: ReservationRow = {
      reservation_id: this.deps.newId(),
      bay_id: target.bay_id,
      lock_id: target.lock_id,
      state: 'held',
      reason: null,
      symbology: request.symbology,
      correlation_id: correlationId,
      created_at: nowMs,
      expires_at: nowMs + (request.holdSeconds ?? this.holdSeconds) * 1000,
      no_show_at: null,
      party: order.party ?? CLOUD,
    }
    const commandId = this.deps.newId()
    const { latitude, longitude } = request.location
    session.write(
      `INSERT INTO platform_reservations (reservation_id, bay_id, state, latitude, longitude, user_ref, symbology,
         correlation_id, reserve_command_id, created_at, expires_at, party)
       VALUES (?, ?, 'held', ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      [
        row.reservation_id,
        row.bay_id,
        latitude,
        longitude,
        request.userRef,
        row.symbology,
        correlationId,
        commandId,
        nowMs,
        row.expires_at,
        row.party,
      ],
    )
    this.life.recordState(session, row, 'held', 'request')
    const answer = asReservation(row)
    const fix = reportedFix(target, nowMs)
    const reserve = {
      type: 'reserve',
      reservationId: row.reservation_id,
      // As the request gave it, never the inventory's own: else the lock's comparator would compare it with itself.
      location: { latitude, longitude },
      holdUntil: answer.expiresAt,
      ...(fix && {
        reportedFix: {
          location: { latitude: fix.point.latitude, longitude: fix.point.longitude },
          ageSeconds: fix.ageSeconds,
          ...(fix.hdop !== undefined && { hdop: fix.hdop }),
        },
      }),
    } as const
    this.life.command(session, row, row.expires_at, reserve, commandId)
    session.write('INSERT INTO platform_idempotency_keys VALUES (?, ?, ?, ?)', [
      keyOf(order),
      fingerprint(request),
      JSON.stringify(answer),
      nowMs,
    ])
    return answer
  }

  async #replay(session: SqlSession, order: ReserveOrder): Promise<Reservation | Refusal | undefined> {
    const [known] = await session.query<{ request_sha256: string; answer: string }>(
      'SELECT request_sha256, answer FROM platform_idempotency_keys WHERE idempotency_key = ?',
      [keyOf(order)],
    )
    if (!known) return undefined
    return known.request_sha256 === fingerprint(order.request)
      ? (JSON.parse(known.answer) as Reservation)
      : refuse('idempotency-key-reused', 'this Idempotency-Key came with another request before')
  }
}
