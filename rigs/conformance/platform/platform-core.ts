import type { LockEventBody, LockStatus } from '../../../reference/contracts/lock-link.js'
import { BayService } from '../../../reference/platform/bay-service.js'
import { Expiries } from '../../../reference/platform/expiries.js'
import { LockMessages } from '../../../reference/platform/lock-messages.js'
import { PLATFORM_MIGRATIONS } from '../../../reference/platform/migrations/platform-migrations.js'
import { ReservationLife } from '../../../reference/platform/reservation-life.js'
import { Reservations } from '../../../reference/platform/reservations.js'
import { loadInventory } from '../../../reference/platform/inventory.js'
import { listSpaces } from '../../../reference/platform/spaces.js'
import type { SqlStore } from '../../../reference/ports/sql-store.js'
import { migrate } from '../../../reference/sql/migrate.js'
import { ManualClock } from '../../simulated/manual-clock/manual-clock.js'

export const CORE_HOLD_SECONDS = 900
export const CORE_NO_SHOW_SECONDS = 600
export const CORE_UNLOCK_GRACE_SECONDS = 30
export const CORE_LOCK_SILENCE_SECONDS = 120

/** What locks' messages were not taken for. */
export interface CoreLogEntry {
  readonly event: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** The platform's decisions on a store, without HTTP and MQTT around them: for races and models, thousands at a time. */
export class PlatformCore {
  readonly log: CoreLogEntry[] = []
  readonly reservations: Reservations
  readonly service: BayService
  readonly #messages: LockMessages
  readonly #expiries: Expiries

  private constructor(
    readonly store: SqlStore,
    readonly clock: ManualClock,
    newId: () => string,
    random: (limit: number) => number,
  ) {
    const deps = {
      store,
      clock,
      newId,
      random,
      log: {
        record: (event: string, fields: CoreLogEntry['fields'] = {}) => void this.log.push({ event, fields }),
      },
    }
    const life = new ReservationLife(deps, {
      afterSeconds: CORE_NO_SHOW_SECONDS,
      expect: (atMs) => this.#expiries.expect(atMs),
    })
    const nothing = () => undefined
    const patience = {
      silenceMs: CORE_LOCK_SILENCE_SECONDS * 1000,
      unlockGraceMs: CORE_UNLOCK_GRACE_SECONDS * 1000,
    }
    this.#expiries = new Expiries(deps, life, patience, nothing)
    this.reservations = new Reservations(deps, life, this.#expiries, CORE_HOLD_SECONDS, nothing)
    this.service = new BayService(deps, life, nothing)
    this.#messages = new LockMessages(deps, life, { onAnswer: nothing, onBirth: nothing, onCommit: nothing })
  }

  /** @param bays ids; the lock of `B-1` is `L-B-1` */
  static async start(
    store: SqlStore,
    clock: ManualClock,
    bays: readonly string[],
    newId: () => string,
    random: (limit: number) => number,
  ): Promise<PlatformCore> {
    await migrate(store, 'platform', PLATFORM_MIGRATIONS, clock.now())
    await loadInventory(
      store,
      bays.map((bayId) => ({
        bayId,
        label: bayId,
        lockId: `L-${bayId}`,
        location: { latitude: 31.23, longitude: 121.47 },
        pricePerHourFen: 500,
      })),
      newId(),
    )
    const core = new PlatformCore(store, clock, newId, random)
    await core.#expiries.sweep()
    return core
  }

  async status(bayId: string, status: LockStatus, retained = false): Promise<void> {
    await this.#take(bayId, 'status', status, retained)
  }

  /** @param aheadMs of the lock's clock */
  async event(bayId: string, id: string, body: LockEventBody, aheadMs = 0): Promise<void> {
    const at = new Date(this.clock.now() + aheadMs).toISOString()
    await this.#take(bayId, 'events', { id, at, ...body }, false)
  }

  /** Moves business time, and waits until what fell due is done. */
  async advance(ms: number): Promise<void> {
    this.clock.advance(ms)
    await this.#expiries.settled()
  }

  spaces() {
    return listSpaces(this.store)
  }

  /** The store stays open, as when a process ends. */
  async stop(): Promise<void> {
    await this.#expiries.close()
  }

  #take(bayId: string, channel: 'events' | 'status', message: object, retained: boolean): Promise<void> {
    const payload = Buffer.from(JSON.stringify(message))
    return this.#messages.handle({ lockId: `L-${bayId}`, channel, payload, retained })
  }
}
