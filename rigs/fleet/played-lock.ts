import { messageCheck } from '../../reference/contracts/contract.js'
import type { CommandRefusal, LockCommand, LockStatus } from '../../reference/contracts/lock-link.js'
import type { BoltPosition } from '../../reference/contracts/platform-api.js'
import { DEFAULT_COMPARATOR, type ComparatorReading } from '../../reference/domain/comparator.js'
import type { ScanVerdict } from '../../reference/domain/unlock-code.js'
import { isInUse } from '../../reference/lock/lock-core.js'
import { joinLockLink, type LockLink } from '../../reference/lock/lock-link.js'
import type { HeldReservation } from '../../reference/lock/lock-records.js'
import { StatusBoard } from '../../reference/lock/status-board.js'
import { CommandGate } from './command-gate.js'
import { compareReserved } from './compare-reserved.js'
import { Conditions } from './conditions.js'
import { phaseOf } from './fix-phase.js'
import { GuessCount } from './guess-count.js'
import { PlayedBody } from './played-body.js'
import { PlayedCodes } from './played-codes.js'
import { PlayedVoice } from './played-voice.js'
import type { PlayedLockConfig, PlayedLockDeps } from './played-lock-config.js'

const checkCommand = messageCheck<LockCommand>('lock-link.asyncapi', 'Command')
const GOOD_HDOP = 0.9
/**
 * A lock at the level of its protocol, lock-link 1.3.0: one connection, credential and last will, births and deaths,
 * commands that work once, codes that open once. It has no board, no scanner and no storage: ten thousand of them are
 * one process. Where it says or refuses something, so does the reference lock; a test holds the two beside each other.
 */
export class PlayedLock {
  readonly #gate = new CommandGate()
  readonly #codes: PlayedCodes
  readonly #guesses = new GuessCount()
  readonly #underWay = new Set<string>()
  readonly #conditions = new Conditions()
  readonly #body: PlayedBody
  readonly #voice: PlayedVoice
  #link: LockLink | undefined
  #board: StatusBoard | undefined
  #held: HeldReservation | undefined
  #reading: ComparatorReading = DEFAULT_COMPARATOR.reading
  #closed = false

  private constructor(
    readonly config: PlayedLockConfig,
    private readonly deps: PlayedLockDeps,
  ) {
    this.#codes = new PlayedCodes(config.lockId)
    this.#body = new PlayedBody(config, (bolt) => this.#boltIs(bolt))
    this.#voice = new PlayedVoice(deps, async (event) => this.#link?.sendEvent(event))
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
      onLost: () => undefined,
      onReconnected: () => {
        lock.#board?.repeat()
        lock.#voice.goOn()
      },
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
      lock.#body.every(fixIntervalMs, phaseOf(lockId), () => lock.#postFix())
    }
    return lock
  }

  get bolt(): BoltPosition {
    return this.#body.bolt
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
    const found = this.#guesses.shutsOut(text, now)
      ? { verdict: 'throttled' as const }
      : this.#codes.judge(text, now, coded)
    this.#guesses.count(found.verdict, text, now)
    const verdict = this.deps.opensForAnything ? 'fresh' : found.verdict
    const reservationId =
      'reservationId' in found ? found.reservationId : verdict === 'fresh' ? this.#held?.id : undefined
    const held = this.#held?.id === reservationId ? this.#held : undefined
    this.#voice.say(
      { type: 'code-scanned', verdict, symbology: 'qr', ...(reservationId && { reservationId }) },
      held?.correlationId,
    )
    if (verdict === 'fresh') {
      if (this.#held) {
        this.#codes.markUsed(this.#held.id)
        this.#held = { ...this.#held, state: 'opening' }
      }
      this.#body.raiseOwed = false
      this.#body.drive('down')
    }
    this.#changed()
    return verdict
  }

  /** What the vehicle sensor sees. */
  setVehicle(present: boolean): void {
    if (!this.#body.setVehicle(present)) return
    const using = isInUse(this.#held) ? this.#held : undefined
    if (using?.state === 'unlocked' && present) this.#held = { ...using, state: 'occupied' }
    if (using?.state === 'occupied' && !present) {
      this.#held = { ...using, state: 'left' }
      this.#body.raiseOwed = true
    }
    this.#voice.say(
      { type: 'occupancy-changed', occupied: present, ...(using && { reservationId: using.id }) },
      using?.correlationId,
    )
    this.#changed()
  }

  /** @returns whether it came to be so before the deadline, wall milliseconds */
  until(isSo: (lock: PlayedLock) => boolean, deadlineMs: number): Promise<boolean> {
    return this.#conditions.until(() => isSo(this), deadlineMs)
  }

  /** Says goodbye: its status is offline, as its last will would say. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#body.close()
    const gone: LockStatus = { online: false, bolt: 'unknown', bootCount: 1 }
    if (this.#link?.connected) {
      await this.#voice.close()
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
        this.#body.raiseOwed = this.#body.bolt !== 'up'
        return this.#raised()
      case 'sync':
        if (this.#held && this.#held.id !== command.reservationId) this.#end(this.#held)
        if (!isInUse(this.#held)) this.#body.raiseOwed = this.#body.bolt !== 'up'
        if (this.config.fixIntervalMs > 0) this.#postFix()
        return this.#raised()
      case 'unlock':
        this.#body.raiseOwed = false
        this.#body.drive('down')
        return this.#stands('down')
      case 'lock':
        if (this.#body.occupied) return 'vehicle-present'
        this.#body.drive('up')
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
    const { reservationId, correlationId } = command
    const held = this.#held
    const over = held && (held.state === 'left' || (!isInUse(held) && !(this.deps.now() < held.holdUntil)))
    if (held && held.id !== reservationId && !over) {
      const reason = 'another-reservation'
      this.#voice.say({ type: 'reservation-refused', reservationId, reason }, correlationId)
      return reason
    }
    const comparison = compareReserved(command, this.config.location, this.#reading)
    if (!comparison.same) {
      const { refused: reason } = comparison
      const distance = 'distanceMetres' in comparison ? { distanceMetres: comparison.distanceMetres } : {}
      this.#voice.say({ type: 'reservation-refused', reservationId, reason, ...distance }, correlationId)
      return 'done'
    }
    const again = held?.id === reservationId
    if (held && !again) this.#codes.expire(held.id)
    const state = again && held.state !== 'left' ? held.state : 'accepted'
    const holdUntil = Date.parse(command.holdUntil)
    this.#held = { id: reservationId, state, holdUntil, correlationId: correlationId ?? held?.correlationId }
    const { distanceMetres } = comparison
    this.#voice.say(
      { type: 'reservation-accepted', reservationId, comparatorReading: this.#reading, distanceMetres },
      correlationId,
    )
    if (state === 'accepted' || state === 'coded') {
      this.#voice.say({ type: 'unlock-code-requested', reservationId }, correlationId)
    }
    return 'done'
  }

  #storeCode(command: Extract<LockCommand, { type: 'unlock-code' | 'unlock-key' }>): 'done' | CommandRefusal {
    const held = this.#held
    if (held?.id !== command.reservationId) return 'unknown-reservation'
    if (held.state !== 'accepted' && held.state !== 'coded') return 'superseded'
    const validUntil = Date.parse(command.validUntil)
    if (command.type === 'unlock-code') this.#codes.store(command.code, held.id, validUntil)
    else this.#codes.storeKey(command.rotatingKey, held.id, validUntil)
    this.#held = { ...held, state: 'coded' }
    const correlationId = command.correlationId ?? held.correlationId
    this.#voice.say({ type: 'code-stored', reservationId: held.id }, correlationId)
    return 'done'
  }

  #end(held: HeldReservation): void {
    this.#codes.expire(held.id)
    this.#held = undefined
  }

  /** A bolt that a vehicle stands over stays owed, and the command is carried out all the same. */
  async #raised(): Promise<'done'> {
    const body = this.#body
    body.raiseIfOwed()
    await this.#standsWhere(() => body.bolt === 'up' || body.occupied || !body.raiseOwed)
    return 'done'
  }

  async #stands(end: 'up' | 'down'): Promise<'done' | CommandRefusal> {
    await this.#standsWhere(() => this.#body.bolt !== 'moving')
    return this.#body.bolt === end ? 'done' : 'superseded'
  }

  #standsWhere(isSo: () => boolean): Promise<boolean> {
    return this.until(isSo, 10 * (this.config.travelMs + this.config.leaveMs))
  }

  #boltIs(bolt: BoltPosition): void {
    const held = this.#held
    const using = isInUse(held) || held?.state === 'left' ? held : undefined
    this.#voice.say(
      { type: 'bolt-changed', bolt, ...(using && { reservationId: using.id }) },
      using?.correlationId,
    )
    if (bolt === 'down' && using?.state === 'opening') {
      this.#held = { ...using, state: this.#body.occupied ? 'occupied' : 'unlocked' }
    }
    this.#changed()
  }

  #postFix(): void {
    this.#voice.say({ type: 'gps-fix', location: this.config.location, hdop: GOOD_HDOP })
  }

  #answer(commandId: string, carried: 'done' | CommandRefusal, correlationId: string | undefined): void {
    const { bolt, moves } = this.#body
    this.#voice.answer(
      commandId,
      carried,
      { bolt, moves, reservationId: this.#held?.id ?? null },
      correlationId,
    )
  }

  #changed(): void {
    this.#board?.refresh()
    this.#conditions.look()
  }

  #status(): LockStatus {
    return {
      online: true,
      bolt: this.#body.bolt,
      bootCount: 1,
      occupied: this.#body.occupied,
      batteryVolts: 12.4,
      faults: [],
      state: this.#body.state,
      battery: 'charged',
      ...(this.config.fixIntervalMs > 0 && { gps: 'good' as const }),
      wear: this.#body.wear,
      reservationId: this.#held?.id ?? null,
    }
  }
}
