import { messageCheck } from '../../reference/contracts/contract.js'
import type {
  CommandRefusal,
  LockCommand,
  LockEvent,
  LockEventBody,
  LockStatus,
} from '../../reference/contracts/lock-link.js'
import type { BoltPosition, Position } from '../../reference/contracts/platform-api.js'
import { compareCoordinates, DEFAULT_COMPARATOR } from '../../reference/domain/comparator.js'
import type { ComparatorReading } from '../../reference/domain/comparator.js'
import { wgs84 } from '../../reference/domain/coordinates.js'
import type { ScanVerdict } from '../../reference/domain/unlock-code.js'
import { isInUse } from '../../reference/lock/lock-core.js'
import { joinLockLink, type LockLink } from '../../reference/lock/lock-link.js'
import type { HeldReservation } from '../../reference/lock/lock-records.js'
import { StatusBoard } from '../../reference/lock/status-board.js'
import type { BrokerAccess } from '../../reference/ports/broker-access.js'
import { CommandGate } from './command-gate.js'
import { GuessCount } from './guess-count.js'
import { PlayedCodes } from './played-codes.js'

export interface PlayedLockConfig {
  readonly lockId: string
  readonly bayId: string
  readonly location: Position
  readonly broker: BrokerAccess
  /** How long the bolt takes from one end to the other, wall milliseconds. */
  readonly travelMs: number
  /** How long the bay must be empty before the bolt rises, wall milliseconds. */
  readonly leaveMs: number
  /** A GPS fix is told so often, wall milliseconds, as the reference lock does; 0: never. */
  readonly fixIntervalMs: number
  readonly connectTimeoutMs: number
}

export interface PlayedLockDeps {
  /** Epoch milliseconds: commands and codes end by it. */
  readonly now: () => number
  readonly newId: () => string
  /** Hears each event at the moment at which it comes about, before it is on its way. */
  readonly onEvent?: (event: LockEvent) => void
  readonly onFault?: (error: unknown) => void
  /** For tests of whoever watches a fleet: a lock that opens for any text. */
  readonly opensForAnything?: boolean
}

const checkCommand = messageCheck<LockCommand>('lock-link.asyncapi', 'Command')
const GOOD_HDOP = 0.9
/** What the reference bench's servo takes for one rise. */
const RISE_JOULES = 2.4

/**
 * A lock at the level of its protocol, lock-link 1.2.0: one connection, credential and last will, births and deaths,
 * commands that work once, codes that open once. It has no board, no scanner and no storage: ten thousand of them are
 * one process. Where it says or refuses something, so does the reference lock; a test holds the two beside each other.
 */
export class PlayedLock {
  readonly #gate = new CommandGate()
  readonly #codes: PlayedCodes
  readonly #guesses = new GuessCount()
  readonly #underWay = new Set<string>()
  readonly #awaiting = new Set<() => void>()
  #link: LockLink | undefined
  #board: StatusBoard | undefined
  #sending: Promise<void> = Promise.resolve()
  #held: HeldReservation | undefined
  #reading: ComparatorReading = DEFAULT_COMPARATOR.reading
  #bolt: BoltPosition = 'up'
  #occupied = false
  #clear = true
  #raiseOwed = false
  #moves = 0
  #rises = 0
  #timers = new Set<NodeJS.Timeout>()
  #closed = false

  private constructor(
    readonly config: PlayedLockConfig,
    private readonly deps: PlayedLockDeps,
  ) {
    this.#codes = new PlayedCodes(config.lockId)
  }

  /** Resolves once the broker has let it in and its birth is told. @throws BrokerRefused */
  static async start(config: PlayedLockConfig, deps: PlayedLockDeps): Promise<PlayedLock> {
    const lock = new PlayedLock(config, deps)
    const { lockId, broker, connectTimeoutMs, fixIntervalMs } = config
    const fault = (error: unknown) => deps.onFault?.(error)
    const link = await joinLockLink({
      lockId,
      broker,
      bootCount: 1,
      connectTimeoutMs,
      onCommand: async (payload) => lock.#receive(payload),
      onReconnected: () => lock.#board?.repeat(),
      onFault: fault,
    })
    lock.#link = link
    lock.#board = new StatusBoard(
      () => lock.#status(),
      (status) => link.sendStatus(status),
      fault,
    )
    try {
      await link.listen()
      await lock.#board.told()
    } catch (error) {
      await link.close()
      throw error
    }
    if (fixIntervalMs > 0) {
      // Locks that started together do not report together.
      lock.#after(fixIntervalMs * phaseOf(lockId), () => lock.#reportFix())
    }
    return lock
  }

  get bolt(): BoltPosition {
    return this.#bolt
  }

  get reservation(): HeldReservation | undefined {
    return this.#held
  }

  /**
   * A text is held before the scanner; at `fresh` the bolt goes down.
   * @returns what the lock makes of it
   */
  isShown(text: string): ScanVerdict {
    const now = this.deps.now()
    const coded = this.#held?.state === 'coded' ? this.#held.id : undefined
    const found = this.#guesses.isClosed(now)
      ? { verdict: 'throttled' as const }
      : this.#codes.judge(text, now, coded)
    this.#guesses.count(found.verdict, now)
    const verdict = this.deps.opensForAnything && this.#held ? 'fresh' : found.verdict
    const reservationId =
      'reservationId' in found ? found.reservationId : verdict === 'fresh' ? this.#held?.id : undefined
    const held = this.#held?.id === reservationId ? this.#held : undefined
    this.#post(
      { type: 'code-scanned', verdict, symbology: 'qr', ...(reservationId && { reservationId }) },
      held?.correlationId,
    )
    if (verdict === 'fresh' && this.#held) {
      this.#codes.markUsed(this.#held.id)
      this.#raiseOwed = false
      this.#held = { ...this.#held, state: 'opening' }
      this.#drive('down')
    }
    this.#changed()
    return verdict
  }

  /** What the vehicle sensor sees. */
  setVehicle(present: boolean): void {
    if (present === this.#occupied) return
    this.#occupied = present
    this.#clear = false
    const using = isInUse(this.#held) ? this.#held : undefined
    if (using?.state === 'unlocked' && present) this.#held = { ...using, state: 'occupied' }
    if (using?.state === 'occupied' && !present) {
      this.#held = { ...using, state: 'left' }
      this.#raiseOwed = true
    }
    this.#post(
      { type: 'occupancy-changed', occupied: present, ...(using && { reservationId: using.id }) },
      using?.correlationId,
    )
    if (!present) {
      this.#after(this.config.leaveMs, () => {
        if (this.#occupied) return
        this.#clear = true
        this.#raiseIfOwed()
      })
    }
    this.#changed()
  }

  /** @returns whether it came to be so before the deadline, wall milliseconds */
  until(isSo: (lock: PlayedLock) => boolean, deadlineMs: number): Promise<boolean> {
    if (isSo(this)) return Promise.resolve(true)
    return new Promise((resolve) => {
      const look = () => {
        if (isSo(this)) settle(true)
      }
      const settle = (is: boolean) => {
        clearTimeout(timer)
        this.#awaiting.delete(look)
        resolve(is)
      }
      const timer = setTimeout(() => settle(false), deadlineMs)
      this.#awaiting.add(look)
    })
  }

  /** Says goodbye: its status is offline, as its last will would say. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const timer of this.#timers) clearTimeout(timer)
    const gone: LockStatus = { online: false, bolt: 'unknown', bootCount: 1 }
    if (this.#link?.connected) {
      await this.#sending.catch(() => undefined)
      await this.#board?.close()
      await this.#link.sendStatus(gone).catch(this.deps.onFault)
    }
    await this.#link?.close()
  }

  #receive(payload: Uint8Array): void {
    if (this.#closed) return
    let command: LockCommand
    try {
      command = checkCommand(JSON.parse(Buffer.from(payload).toString('utf8')))
    } catch (error) {
      this.deps.onFault?.(error)
      return
    }
    const { id, correlationId } = command
    const unfit = this.#gate.judge(command, this.deps.now())
    // Under way: its own answer is still to come.
    if (unfit === 'repeated' && this.#underWay.has(id)) return
    const outcome = unfit ?? this.#carryOut(command)
    if (typeof outcome === 'string') this.#answer(id, outcome, correlationId)
    else {
      this.#underWay.add(id)
      void outcome.then((carried) => {
        this.#underWay.delete(id)
        this.#answer(id, carried, correlationId)
        this.#changed()
      })
    }
    this.#changed()
  }

  #carryOut(command: LockCommand): 'done' | CommandRefusal | Promise<'done' | CommandRefusal> {
    switch (command.type) {
      case 'reserve':
        return this.#reserve(command)
      case 'unlock-code':
      case 'unlock-key':
        return this.#storeCode(command)
      case 'cancel':
        if (this.#held?.id !== command.reservationId) return 'unknown-reservation'
        this.#end(this.#held)
        this.#raiseOwed = this.#bolt !== 'up'
        return this.#raised()
      case 'sync':
        if (this.#held && this.#held.id !== command.reservationId) this.#end(this.#held)
        if (!isInUse(this.#held)) this.#raiseOwed = this.#bolt !== 'up'
        if (this.config.fixIntervalMs > 0) this.#postFix()
        return this.#raised()
      case 'unlock':
        this.#raiseOwed = false
        this.#drive('down')
        return this.#stands('down')
      case 'lock':
        if (this.#occupied) return 'vehicle-present'
        this.#drive('up')
        return this.#stands('up')
      case 'report':
        return 'done'
      case 'configure':
        this.#reading = command.comparatorReading
        return 'done'
      case 'safe':
      case 'rearm':
        // There is no actuator here that could be without power.
        return 'fault'
    }
  }

  /** As `reference/lock/reservation-commands.ts`. */
  #reserve(command: Extract<LockCommand, { type: 'reserve' }>): 'done' | CommandRefusal {
    const { reservationId, reportedFix, correlationId, location } = command
    const held = this.#held
    const over = held && (held.state === 'left' || (!isInUse(held) && !(this.deps.now() < held.holdUntil)))
    if (held && held.id !== reservationId && !over) {
      const reason = 'another-reservation'
      this.#post({ type: 'reservation-refused', reservationId, reason }, correlationId)
      return reason
    }
    const own = this.config.location
    const comparison = compareCoordinates(
      wgs84(location.latitude, location.longitude),
      {
        preset: wgs84(own.latitude, own.longitude),
        reported: reportedFix && {
          point: wgs84(reportedFix.location.latitude, reportedFix.location.longitude),
          ageSeconds: reportedFix.ageSeconds,
          hdop: reportedFix.hdop,
        },
      },
      { ...DEFAULT_COMPARATOR, reading: this.#reading },
    )
    if (!comparison.same) {
      const { refused: reason } = comparison
      const distance = 'distanceMetres' in comparison ? { distanceMetres: comparison.distanceMetres } : {}
      this.#post({ type: 'reservation-refused', reservationId, reason, ...distance }, correlationId)
      return 'done'
    }
    const again = held?.id === reservationId
    if (held && !again) this.#codes.expire(held.id)
    const state = again && held.state !== 'left' ? held.state : 'accepted'
    const holdUntil = Date.parse(command.holdUntil)
    this.#held = { id: reservationId, state, holdUntil, correlationId: correlationId ?? held?.correlationId }
    const { distanceMetres } = comparison
    this.#post(
      { type: 'reservation-accepted', reservationId, comparatorReading: this.#reading, distanceMetres },
      correlationId,
    )
    if (state === 'accepted' || state === 'coded') {
      this.#post({ type: 'unlock-code-requested', reservationId }, correlationId)
    }
    return 'done'
  }

  #storeCode(
    command: Extract<LockCommand, { type: 'unlock-code' | 'unlock-key' }>,
  ): 'done' | CommandRefusal {
    const held = this.#held
    if (held?.id !== command.reservationId) return 'unknown-reservation'
    if (held.state !== 'accepted' && held.state !== 'coded') return 'superseded'
    const validUntil = Date.parse(command.validUntil)
    if (command.type === 'unlock-code') this.#codes.store(command.code, held.id, validUntil)
    else this.#codes.storeKey(command.rotatingKey, held.id, validUntil)
    this.#held = { ...held, state: 'coded' }
    const correlationId = command.correlationId ?? held.correlationId
    this.#post({ type: 'code-stored', reservationId: held.id }, correlationId)
    return 'done'
  }

  #end(held: HeldReservation): void {
    this.#codes.expire(held.id)
    this.#held = undefined
  }

  /** A bolt that a vehicle stands over stays owed, and the command is carried out all the same. */
  async #raised(): Promise<'done'> {
    this.#raiseIfOwed()
    await this.#standsWhere(() => this.#bolt === 'up' || this.#occupied || !this.#raiseOwed)
    return 'done'
  }

  async #stands(end: 'up' | 'down'): Promise<'done' | CommandRefusal> {
    await this.#standsWhere(() => this.#bolt !== 'moving')
    return this.#bolt === end ? 'done' : 'superseded'
  }

  #standsWhere(isSo: () => boolean): Promise<boolean> {
    return this.until(isSo, 10 * (this.config.travelMs + this.config.leaveMs))
  }

  #raiseIfOwed(): void {
    if (this.#raiseOwed && this.#clear && this.#bolt === 'down') this.#drive('up')
  }

  #drive(end: 'up' | 'down'): void {
    if (this.#bolt === end) return
    this.#moves++
    this.#moveTo('moving')
    this.#after(this.config.travelMs, () => this.#moveTo(end))
  }

  #moveTo(bolt: BoltPosition): void {
    if (this.#bolt === bolt) return
    this.#bolt = bolt
    if (bolt === 'up') {
      this.#raiseOwed = false
      this.#rises++
    }
    const held = this.#held
    const using = isInUse(held) || held?.state === 'left' ? held : undefined
    this.#post({ type: 'bolt-changed', bolt, ...(using && { reservationId: using.id }) }, using?.correlationId)
    if (bolt === 'down' && using?.state === 'opening') {
      this.#held = { ...using, state: this.#occupied ? 'occupied' : 'unlocked' }
    }
    this.#raiseIfOwed()
    this.#changed()
  }

  #reportFix(): void {
    this.#postFix()
    this.#after(this.config.fixIntervalMs, () => this.#reportFix())
  }

  #postFix(): void {
    this.#post({ type: 'gps-fix', location: this.config.location, hdop: GOOD_HDOP })
  }

  #answer(commandId: string, carried: 'done' | CommandRefusal, correlationId: string | undefined): void {
    this.#post(
      {
        type: 'command-result',
        commandId,
        ...(carried === 'done' ? { outcome: 'done' } : { outcome: 'refused', reason: carried }),
        bolt: this.#bolt,
        moves: this.#moves,
        reservationId: this.#held?.id ?? null,
      },
      correlationId,
    )
  }

  /** One after the other, each acknowledged before the next: order is part of the contract. */
  #post(body: LockEventBody, correlationId?: string): void {
    const event: LockEvent = {
      id: this.deps.newId(),
      at: new Date(this.deps.now()).toISOString(),
      ...(correlationId !== undefined && { correlationId }),
      ...body,
    }
    this.deps.onEvent?.(event)
    const text = JSON.stringify(event)
    this.#sending = this.#sending
      .then(() => this.#link?.sendEvent(text))
      .catch((error: unknown) => {
        if (!this.#closed) this.deps.onFault?.(error)
      })
  }

  #changed(): void {
    this.#board?.refresh()
    for (const look of [...this.#awaiting]) look()
  }

  #status(): LockStatus {
    return {
      online: true,
      bolt: this.#bolt,
      bootCount: 1,
      occupied: this.#occupied,
      batteryVolts: 12.4,
      faults: [],
      state: this.#machineState(),
      battery: 'charged',
      ...(this.config.fixIntervalMs > 0 && { gps: 'good' as const }),
      wear: { cycles: this.#rises, stalls: 0, energyJoules: this.#rises * RISE_JOULES },
      reservationId: this.#held?.id ?? null,
    }
  }

  #machineState(): NonNullable<LockStatus['state']> {
    if (this.#bolt === 'moving') return this.#raiseOwed ? 'rising' : 'lowering'
    return this.#bolt === 'down' ? 'down' : 'up'
  }

  #after(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      if (!this.#closed) work()
    }, ms)
    this.#timers.add(timer)
  }
}

/** 0 ≤ n < 1, the same for the same lock. */
function phaseOf(lockId: string): number {
  let hash = 0
  for (const letter of lockId) hash = (Math.imul(hash, 31) + letter.charCodeAt(0)) >>> 0
  return (hash % 9_973) / 9_973
}
