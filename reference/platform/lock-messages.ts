import { messageCheck } from '../contracts/contract.js'
import type { LockEvent, LockStatus } from '../contracts/lock-link.js'
import { ConstraintViolation, type SqlTransaction } from '../ports/sql-store.js'
import { raiseAlert, type RaisedAlert } from './alerts.js'
import { BayState } from './bay-state.js'
import { LockClocks } from './lock-clock.js'
import type { LockMessage } from './lock-link.js'
import { strikeCommand } from './command-outbox.js'
import { keepAnswer } from './operator-calls.js'
import type { PlatformDeps } from './platform-config.js'
import type { ReservationLife } from './reservation-life.js'
import { reservationAtLock, reservationOfCommand, type StepName } from './reservation-store.js'
import { bayOfLock, type BayRow } from './spaces.js'

const checkEvent = messageCheck<LockEvent>('lock-link.asyncapi', 'Event')
const checkStatus = messageCheck<LockStatus>('lock-link.asyncapi', 'Status')

/** Largest message that is read at all, bytes. */
const MAX_MESSAGE_BYTES = 16_384

/** Why a lock may refuse a command without having looked at what it says. */
const NEVER_JUDGED: ReadonlySet<string> = new Set(['expired', 'malformed', 'fault', 'out-of-order'])

type CommandResult = Extract<LockEvent, { type: 'command-result' }>

export interface LockMessageListeners {
  /** Called after the commit of a lock's answer to a command. */
  readonly onAnswer: () => void
  /** Called after the commit when a lock is there again, or has started anew. */
  readonly onBirth: (lockId: string) => void
  /** Called after a commit that may have left something in the outbox. */
  readonly onCommit: () => void
  /** Called after a message of a lock was taken. */
  readonly onTaken?: (of: { readonly lockId: string; readonly bayId: string }) => void
}

/** What locks say, turned into state: each message in one transaction, each event once. */
export class LockMessages {
  readonly #bays: BayState
  readonly #clocks: LockClocks

  constructor(
    private readonly deps: PlatformDeps,
    private readonly life: ReservationLife,
    private readonly listeners: LockMessageListeners,
  ) {
    this.#bays = new BayState(deps, life)
    this.#clocks = new LockClocks(deps)
  }

  /** Rejects only when the store cannot take the message now; one that is malformed is refused and logged. */
  async handle(message: LockMessage): Promise<void> {
    let read: LockEvent | LockStatus
    try {
      read = this.#read(message)
    } catch (error) {
      this.#refuse(message, error instanceof Error ? error.message : String(error))
      return
    }
    try {
      const known =
        'online' in read
          ? await this.#handleStatus(message, read)
          : await this.#handleEvent(message.lockId, read)
      if (known) {
        this.listeners.onCommit()
        this.listeners.onTaken?.({ lockId: message.lockId, bayId: known })
      } else this.#refuse(message, 'unknown lock')
    } catch (error) {
      // To have such a message sent again would not help: one lock could stop the link for all of them.
      if (!(error instanceof ConstraintViolation)) throw error
      this.#refuse(message, error.message)
    }
  }

  #refuse({ lockId, channel }: LockMessage, reason: string): void {
    this.deps.log.record('lock-message-refused', { lockId, channel, reason })
  }

  #read({ channel, payload }: LockMessage): LockEvent | LockStatus {
    if (payload.length > MAX_MESSAGE_BYTES) throw new RangeError(`${payload.length} bytes are too many`)
    let message: unknown
    try {
      message = JSON.parse(payload.toString())
    } catch {
      // The parser's own message repeats the text, which may hold a code.
      throw new SyntaxError('not JSON')
    }
    if (channel === 'status') return checkStatus(message)
    const event = checkEvent(message)
    // RFC 3339 allows a leap second, which has no place on the epoch's time scale.
    if (Number.isNaN(Date.parse(event.at))) throw new RangeError(`${event.at} is not a time`)
    return event
  }

  /** @returns the lock's bay; none of a lock that is not known */
  async #handleStatus({ lockId, retained }: LockMessage, status: LockStatus): Promise<string | undefined> {
    const before = await this.deps.store.transaction(async (session) => {
      const bay = await bayOfLock(session, lockId)
      if (bay) await this.#bays.takeStatus(session, bay, status, retained)
      if (bay && status.online) this.#clocks.look(session, bay)
      return bay
    })
    const isBirth = before?.lock_online === 0 || before?.boot_count !== status.bootCount
    if (before && status.online && isBirth) this.listeners.onBirth(lockId)
    return before?.bay_id
  }

  /** @returns the lock's bay; none of a lock that is not known */
  async #handleEvent(lockId: string, event: LockEvent): Promise<string | undefined> {
    let bayId: string | undefined
    try {
      bayId = await this.deps.store.transaction(async (session) => {
        const bay = await bayOfLock(session, lockId)
        if (!bay) return undefined
        session.write('INSERT INTO platform_lock_events VALUES (?, ?, ?, ?)', [
          lockId,
          event.id,
          event.type,
          this.deps.clock.now(),
        ])
        if (event.type !== 'command-result') await this.#clocks.judge(session, bay, Date.parse(event.at))
        await this.#takeEvent(session, bay, event)
        return bay.bay_id
      })
      if (bayId === undefined) return undefined
    } catch (error) {
      if (!(error instanceof ConstraintViolation && error.kind === 'unique')) throw error
      this.deps.log.record('lock-event-repeated', { lockId, eventId: event.id, type: event.type })
      return (await bayOfLock(this.deps.store, lockId))?.bay_id
    }
    this.deps.log.record('lock-event', { lockId, type: event.type, eventId: event.id }, event.correlationId)
    if (event.type === 'command-result') this.listeners.onAnswer()
    return bayId
  }

  async #takeEvent(session: SqlTransaction, bay: BayRow, event: LockEvent): Promise<void> {
    const cause = `${event.type} ${event.id}`
    const alert = (raised: RaisedAlert) =>
      raiseAlert(session, this.deps, { bayId: bay.bay_id, lockId: bay.lock_id }, raised)
    switch (event.type) {
      case 'reservation-accepted':
        return this.#step(session, bay, event, 'accepted')
      case 'reservation-refused':
        if (event.reason !== 'another-reservation') {
          await alert({ kind: 'coordinates-refused', subject: event.reason, detail: event.reason })
        }
        return this.#step(session, bay, event, 'refused', event.reason)
      case 'unlock-code-requested': {
        const reservation = await reservationAtLock(session, event.reservationId, bay.lock_id)
        if (!reservation || !(await this.life.issueCode(session, reservation, cause))) {
          this.#ignored(bay, event)
        }
        return
      }
      case 'code-scanned':
        if (event.verdict !== 'fresh') {
          await alert({ kind: `${event.verdict}-code`, subject: event.symbology, detail: event.symbology })
        }
        return
      case 'bolt-changed':
        this.#bays.setBolt(session, bay, event.bolt, cause)
        if (event.bolt === 'down' && event.reservationId !== undefined) {
          const { reservationId } = event
          const reservation = await reservationAtLock(session, reservationId, bay.lock_id)
          if (!reservation || !(await this.life.open(session, reservation, cause))) {
            this.#ignored(bay, { ...event, reservationId })
          }
        }
        return
      case 'occupancy-changed':
        return this.#bays.setOccupied(session, bay, event.occupied, cause)
      case 'gps-fix':
        this.#bays.setFix(session, bay, event.location, event.hdop, Date.parse(event.at))
        return
      case 'fault':
        this.#bays.setFault(session, bay, event.fault, cause)
        return alert({
          kind: 'lock-fault',
          subject: event.fault,
          detail: event.detail ? `${event.fault}: ${event.detail}` : event.fault,
        })
      case 'command-result':
        return this.#answered(session, bay, event)
      case 'code-stored':
        return
    }
  }

  async #step(
    session: SqlTransaction,
    bay: BayRow,
    event: LockEvent & { readonly reservationId: string },
    to: Exclude<StepName, 'code-issued' | 'unlocked'>,
    reason?: string,
  ): Promise<void> {
    const reservation = await reservationAtLock(session, event.reservationId, bay.lock_id)
    const cause = `${event.type} ${event.id}`
    if (!reservation || !(await this.life.take(session, reservation, to, cause, reason))) {
      this.#ignored(bay, event)
    }
  }

  /** A command to itself only: no lock answers for another. */
  async #answered(session: SqlTransaction, bay: BayRow, event: CommandResult): Promise<void> {
    const { commandId, outcome, reason, bolt, moves, reservationId } = event
    const answered = await strikeCommand(session, bay.lock_id, commandId)
    const askedAtMs = answered && Date.parse(answered.command.issuedAt)
    await this.#clocks.judge(session, bay, Date.parse(event.at), askedAtMs)
    // It came twice, and is no answer to an operator: what the first one did is told by itself.
    if (reason !== 'repeated') {
      const answer = { outcome, ...(reason !== undefined && { reason }), bolt, moves, reservationId }
      await keepAnswer(session, commandId, bay.lock_id, answer)
    }
    if (answered && (await this.life.sayAgain(session, bay, answered, reason))) return
    await this.#reserveFailed(session, bay, event)
  }

  /** A reserve command that the lock never judged, because it came too late, out of order or broken, refuses the reservation. */
  async #reserveFailed(session: SqlTransaction, bay: BayRow, event: CommandResult): Promise<void> {
    if (event.outcome === 'done') return
    if (event.reason === undefined || !NEVER_JUDGED.has(event.reason)) return
    const reservation = await reservationOfCommand(session, event.commandId)
    // Of a command to itself only: no lock may end what another one guards.
    if (reservation?.lock_id === bay.lock_id) {
      await this.life.take(session, reservation, 'refused', `${event.type} ${event.id}`, event.reason)
    }
  }

  /** Late, or of a reservation that is not this lock's: nothing moves. */
  #ignored(bay: BayRow, event: LockEvent & { readonly reservationId: string }): void {
    const { type, id: eventId, reservationId } = event
    this.deps.log.record('lock-event-ignored', { lockId: bay.lock_id, type, eventId, reservationId })
  }
}
