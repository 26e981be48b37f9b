import { createHash } from 'node:crypto'
import type { CommandRefusal, LockCommand, LockCommandBody } from '../contracts/lock-link.js'
import type { PlatformEvent, PlatformEventType, ReservationState } from '../contracts/platform-api.js'
import { createUnlockCode } from '../domain/unlock-code.js'
import type { SqlTransaction } from '../ports/sql-store.js'
import { raiseAlert } from './alerts.js'
import type { AnsweredCommand } from './command-outbox.js'
import { recordTransition } from './history.js'
import { codeIsOnItsWay, postCommand, postWebhook, withdrawCancel } from './outbox.js'
import type { PlatformDeps } from './platform-config.js'
import {
  ACTIVE,
  hasRunOut,
  moveReservation,
  nameReserveCommand,
  reservationAtLock,
  STEPS,
  type ReservationRow,
  type StepName,
} from './reservation-store.js'

/**
 * How long a lock that was away may still be told that a reservation is over, milliseconds. Long, because it can do no
 * harm: it names its reservation, and takes rights away.
 */
const CANCEL_LIFE_MS = 86_400_000

/** A lock that refuses every time is not asked for ever. */
const MOST_REISSUES = 5

/**
 * Moves reservations along. Every step writes state, history and the messages that follow from it in the caller's
 * transaction, so that none of them exists without the others.
 */
export class ReservationLife {
  constructor(
    private readonly deps: Pick<PlatformDeps, 'clock' | 'newId' | 'random' | 'log'>,
    private readonly noShow: {
      /** How long an unlocked bay waits for its vehicle, seconds. */
      readonly afterSeconds: number
      /** Called before the commit. @param atMs milliseconds since the Unix epoch */
      expect(atMs: number): void
    },
  ) {}

  /** @returns whether the reservation moved; a step that does not start from where it is changes nothing */
  async take(
    session: SqlTransaction,
    reservation: ReservationRow,
    to: Exclude<StepName, 'code-issued'>,
    cause: string,
    reason?: string,
    from?: readonly ReservationState[],
  ): Promise<boolean> {
    const id = reservation.reservation_id
    const noShowAtMs = to === 'unlocked' ? this.deps.clock.now() + this.noShow.afterSeconds * 1000 : undefined
    const details = { reason, noShowAtMs, ...(from && { from }) }
    if (!(await moveReservation(session, id, to, details))) return false
    if (noShowAtMs !== undefined) this.noShow.expect(noShowAtMs)
    const step = STEPS[to]
    this.recordState(session, reservation, to, cause)
    for (const type of step.tells) {
      postWebhook(
        session,
        reservation.party,
        this.event(reservation, type, reason === undefined ? {} : { reason }),
      )
    }
    if ('cancels' in step) {
      const expiresAtMs = this.deps.clock.now() + CANCEL_LIFE_MS
      this.command(session, reservation, expiresAtMs, {
        type: 'cancel',
        reservationId: reservation.reservation_id,
        reason: step.cancels,
      })
    }
    return true
  }

  /**
   * The lock has opened the bay for this reservation. It alone judges codes, so its word holds even when it comes after
   * the hold has run out: the lock was cut off. Then only another reservation of the bay makes it void.
   */
  async open(session: SqlTransaction, reservation: ReservationRow, cause: string): Promise<boolean> {
    if (await this.take(session, reservation, 'unlocked', cause)) return true
    if (!(await hasRunOut(session, reservation))) return false
    withdrawCancel(session, reservation.reservation_id)
    return this.take(session, reservation, 'unlocked', cause, undefined, ['expired'])
  }

  /** A lock that has not said whether it accepts is not waited for: the user gets another bay, or an answer. */
  async giveUpOnLock(session: SqlTransaction, reservation: ReservationRow): Promise<void> {
    const { reservation_id: reservationId, bay_id: bayId, lock_id: lockId } = reservation
    if (!(await this.take(session, reservation, 'refused', 'clock', 'lock-silent'))) return
    // It may have accepted, and its word be lost.
    const expiresAtMs = this.deps.clock.now() + CANCEL_LIFE_MS
    this.command(session, reservation, expiresAtMs, { type: 'cancel', reservationId, reason: 'expired' })
    await raiseAlert(session, this.deps, { bayId, lockId }, { kind: 'lock-silent' })
  }

  /** An operator ends a reservation in whatever state it is. */
  override(session: SqlTransaction, reservation: ReservationRow): Promise<boolean> {
    return this.take(session, reservation, 'cancelled', 'operator', 'operator', ACTIVE)
  }

  /**
   * Answers the lock's request (REQ-13) and tells the user's side the same code (REQ-14). A lock that asks again after
   * its code was sent has lost it: a new one takes its place on both sides, and the old one opens nothing.
   */
  async issueCode(session: SqlTransaction, reservation: ReservationRow, cause: string): Promise<boolean> {
    const id = reservation.reservation_id
    if (this.deps.clock.now() >= reservation.expires_at) return false
    if (reservation.state === 'code-issued' && (await codeIsOnItsWay(session, reservation.lock_id, id)))
      return false
    const code = createUnlockCode(this.deps.random)
    const codeSha256 = createHash('sha256').update(code).digest('hex')
    if (!(await moveReservation(session, id, 'code-issued', { codeSha256 }))) return false
    this.recordState(session, reservation, 'code-issued', cause)
    this.command(session, reservation, reservation.expires_at, {
      type: 'unlock-code',
      reservationId: id,
      code,
      validUntil: new Date(reservation.expires_at).toISOString(),
    })
    const { symbology } = reservation
    postWebhook(session, reservation.party, this.event(reservation, 'code-issued', { code, symbology }))
    return true
  }

  /**
   * Says anew, in a new command, what a lock has refused as overtaken, or as repeated although nothing came of the first
   * one (its events were lost): provided that it still holds. The old command moves nothing any more.
   * @returns whether it did
   */
  async sayAgain(
    session: SqlTransaction,
    { lock_id: lockId }: { readonly lock_id: string },
    { command, reissue }: AnsweredCommand,
    reason: CommandRefusal | undefined,
  ): Promise<boolean> {
    if (!('reservationId' in command) || command.reservationId === null) return false
    if ((reason !== 'out-of-order' && reason !== 'repeated') || reissue >= MOST_REISSUES) return false
    const reservation = await reservationAtLock(session, command.reservationId, lockId)
    if (!reservation || !stillHolds(command, reservation, reason)) return false
    const id = this.deps.newId()
    const issuedAt = new Date(this.deps.clock.now()).toISOString()
    postCommand(session, lockId, { ...command, id, issuedAt }, { reissue: reissue + 1 })
    if (command.type === 'reserve') await nameReserveCommand(session, command.reservationId, id)
    this.deps.log.record(
      'command-reissued',
      { lockId, type: command.type, id, reason },
      command.correlationId,
    )
    return true
  }

  recordState(
    session: SqlTransaction,
    reservation: Pick<ReservationRow, 'reservation_id' | 'bay_id' | 'correlation_id'>,
    state: string,
    cause: string,
  ): void {
    const { reservation_id: reservationId, bay_id: bayId } = reservation
    const atMs = this.deps.clock.now()
    recordTransition(session, { atMs, bayId, axis: 'reservation', state, reservationId, cause })
    this.deps.log.record(
      `reservation-${state}`,
      { reservationId, bayId, cause },
      reservation.correlation_id ?? undefined,
    )
  }

  /** Puts a command in its envelope and commits it to be sent. */
  command(
    session: SqlTransaction,
    reservation: Pick<ReservationRow, 'lock_id' | 'correlation_id'>,
    expiresAtMs: number,
    body: LockCommandBody,
    id = this.deps.newId(),
  ): void {
    const command: LockCommand = {
      id,
      issuedAt: new Date(this.deps.clock.now()).toISOString(),
      expiresAt: new Date(expiresAtMs).toISOString(),
      ...(reservation.correlation_id !== null && { correlationId: reservation.correlation_id }),
      ...body,
    }
    postCommand(session, reservation.lock_id, command)
  }

  private event(
    reservation: ReservationRow,
    type: PlatformEventType,
    details: Pick<PlatformEvent, 'reason' | 'code' | 'symbology'>,
  ): PlatformEvent {
    return {
      eventId: this.deps.newId(),
      type,
      at: new Date(this.deps.clock.now()).toISOString(),
      bayId: reservation.bay_id,
      reservationId: reservation.reservation_id,
      ...(reservation.correlation_id !== null && { correlationId: reservation.correlation_id }),
      ...details,
    }
  }
}

/** Whether a lock must still hear a command of a reservation. */
function stillHolds(
  { type }: LockCommand,
  { state }: ReservationRow,
  reason: 'out-of-order' | 'repeated',
): boolean {
  if (type === 'reserve') return state === 'held' || (state === 'accepted' && reason === 'repeated')
  if (reason === 'repeated') return false
  return (
    (type === 'cancel' && state !== 'unlocked' && state !== 'occupied') ||
    (type === 'unlock-code' && state === 'code-issued')
  )
}
