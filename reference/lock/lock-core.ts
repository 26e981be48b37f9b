import type { SafeCause } from '../domain/bolt.js'
import type { ComparatorReading } from '../domain/comparator.js'
import { wgs84, type Wgs84Point } from '../domain/coordinates.js'
import { NO_WEAR, type Wear } from '../domain/wear.js'
import type { LockEventBody } from '../contracts/lock-link.js'
import type { Position } from '../contracts/platform-api.js'
import type { Clock } from '../ports/clock.js'
import type { EventLog } from '../ports/event-log.js'
import type { SqlStore } from '../ports/sql-store.js'
import type { SettledLockConfig } from './lock-config.js'
import { LockRecords, type HeldReservation } from './lock-records.js'
import { Turns } from './turns.js'

/** What the lock's storage says, as of the last turn. */
export interface LockMemory {
  readonly bootCount: number
  readonly preset: Wgs84Point | undefined
  readonly comparatorReading: ComparatorReading
  /** The bolt is to go up as soon as the bay is empty. */
  readonly raiseOwed: boolean
  /** What was told last of the bay; undefined before the first reading. */
  readonly occupied: boolean | undefined
  readonly reservation: HeldReservation | undefined
  /** Why the lock was made safe, until it is re-armed. */
  readonly safeLatch: SafeCause | undefined
  readonly wear: Wear
}

/** True while somebody may drive in, or stands in the bay, by right. */
export function isInUse(reservation: HeldReservation | undefined): boolean {
  const state = reservation?.state
  return state === 'opening' || state === 'unlocked' || state === 'occupied'
}

async function recall(records: LockRecords, config: SettledLockConfig): Promise<LockMemory> {
  const preset = await records.setting('preset')
  const position = preset === undefined ? undefined : (JSON.parse(preset) as Position)
  const reading = await records.setting('comparator-reading')
  const occupied = await records.setting('occupied')
  return {
    bootCount: Number((await records.setting('boot-count')) ?? 0),
    preset: position && wgs84(position.latitude, position.longitude),
    comparatorReading: reading === 'preset' || reading === 'reported' ? reading : config.comparator.reading,
    raiseOwed: (await records.setting('raise-owed')) === 'yes',
    occupied: occupied === undefined ? undefined : occupied === 'yes',
    reservation: await records.reservation(),
    safeLatch: ((await records.setting('safe-latch')) || undefined) as SafeCause | undefined,
    wear: await records.wear(),
  }
}

export interface LockCoreParts {
  readonly config: SettledLockConfig
  readonly store: SqlStore
  readonly clock: Clock
  readonly newId: () => string
  readonly log: EventLog
}

/** What all parts of a lock share: its records, its turns, its voice. */
export class LockCore {
  #memory: LockMemory = {
    bootCount: 0,
    preset: undefined,
    comparatorReading: 'preset',
    raiseOwed: false,
    occupied: undefined,
    reservation: undefined,
    safeLatch: undefined,
    wear: NO_WEAR,
  }
  readonly #turns = new Turns()
  #closed = false
  /** Called after every turn: there may be something to tell. */
  afterTurn: () => void = () => undefined

  constructor(readonly parts: LockCoreParts) {}

  get memory(): LockMemory {
    return this.#memory
  }

  get now(): number {
    return this.parts.clock.now()
  }

  /**
   * One turn: `decide` runs in one transaction, and only once that is durable does `act` set anything going, before
   * any other turn. So a lock that dies at any point has recorded what it was about to do, or has done nothing.
   */
  turn<T>(decide: (records: LockRecords) => Promise<T>, act?: (decision: T) => void): Promise<T> {
    return this.#turns.run(async () => {
      if (this.#closed) throw new Error('the lock is closed')
      const { decision, memory } = await this.parts.store.transaction(async (session) => {
        const records = new LockRecords(session)
        return { decision: await decide(records), memory: await recall(records, this.parts.config) }
      })
      this.#memory = memory
      act?.(decision)
      this.afterTurn()
      return decision
    })
  }

  /** A turn that nobody waits for; a storage that fails is logged. */
  turnSoon<T>(decide: (records: LockRecords) => Promise<T>, act?: (decision: T) => void): void {
    this.turn(decide, act).catch((fault: unknown) => this.report('turn-failed', fault))
  }

  /** Puts an event into the outbox, as part of the turn's transaction. */
  async post(records: LockRecords, body: LockEventBody, correlationId?: string): Promise<void> {
    await records.post({
      id: this.parts.newId(),
      at: new Date(this.now).toISOString(),
      ...(correlationId !== undefined && { correlationId }),
      ...body,
    })
  }

  report(event: string, fault: unknown): void {
    if (this.#closed) return
    this.parts.log.record(event, { error: fault instanceof Error ? fault.message : String(fault) })
  }

  /** Lets the turns that were asked for end, and takes no more. */
  async close(): Promise<void> {
    await this.#turns.idle()
    this.#closed = true
  }

  idle(): Promise<void> {
    return this.#turns.idle()
  }
}
