import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { LockEventBody } from '../../../reference/contracts/lock-link.js'
import type { SqlStore } from '../../../reference/ports/sql-store.js'
import { ManualClock } from '../../simulated/manual-clock/manual-clock.js'
import { requireInvariants } from './platform-invariants.js'
import { PlatformCore } from './platform-core.js'
import { PlatformModel, type Happening, type LockWord, type ModelReservation } from './platform-model.js'

const BAYS = 2
const START_MS = Date.parse('2026-03-01T08:00:00Z')
const bayId = (bay: number) => `B-${bay}`

const bay = fc.nat({ max: BAYS - 1 })
/** Mostly the newest reservation, sometimes an old one. */
const pick = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat({ max: 5 }) })
const usually = (value: boolean) =>
  fc.oneof({ weight: 9, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: fc.constant(!value) })
const always = <T extends string>(value: T) => fc.constant(value)

/** Anything that can happen, likely things more often, so that reservations come far before they end. */
export const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: always('reserve'),
      bay,
      holdSeconds: fc.option(fc.integer({ min: 60, max: 1_200 }), { nil: undefined }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: always('same-key'), pick, otherBody: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: always('cancel'), pick }) },
  { weight: 1, arbitrary: fc.record({ do: always('override'), pick }) },
  { weight: 1, arbitrary: fc.record({ do: always('service'), bay, inService: usually(true) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: always('status'),
      bay,
      online: usually(true),
      fault: usually(false),
      bolt: fc.constantFrom('up' as const, 'up' as const, 'up' as const, 'down' as const, 'unknown' as const),
      occupied: fc.constantFrom(undefined, false, false, true),
      retained: usually(false),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: always('lock-says'),
      foreign: usually(false),
      word: fc.constantFrom<LockWord>(
        ...(['accepted', 'accepted', 'asks-code', 'asks-code', 'opened', 'opened', 'refused'] as const),
        'command-expired',
      ),
      pick,
    }),
  },
  { weight: 8, arbitrary: fc.record({ do: always('onward'), pick }) },
  { weight: 3, arbitrary: fc.record({ do: always('vehicle'), bay, occupied: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: always('repeat-event'), pick }) },
  { weight: 2, arbitrary: fc.record({ do: always('deliver') }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: always('time'),
      seconds: fc.integer({ min: 1, max: 1_300 }),
      down: fc.boolean(),
    }),
  },
)

/**
 * Lets the same things happen to a platform and to its model, and compares the two after every step.
 * @returns the states that reservations have come to on the way
 * @throws AssertionError at the first difference, and at the first invariant that is broken
 */
export async function liveThrough(store: SqlStore, happenings: readonly Happening[]): Promise<string[]> {
  const life = await Life.begin(store)
  try {
    for (const [step, each] of happenings.entries()) {
      await life.happen(each, step)
      await life.compare()
    }
    const states = await store.query<{ state: string }>(
      `SELECT DISTINCT state FROM platform_history WHERE axis = 'reservation'`,
    )
    return states.map(({ state }) => state)
  } finally {
    await life.core.stop()
  }
}

class Life {
  readonly #model = new PlatformModel(BAYS, START_MS)
  /** The platform's ids of the model's reservations, in the same order. */
  readonly #ids: string[] = []
  readonly #events: { readonly bay: string; readonly id: string; readonly body: LockEventBody }[] = []

  private constructor(
    public core: PlatformCore,
    private readonly open: () => Promise<PlatformCore>,
  ) {}

  static async begin(store: SqlStore): Promise<Life> {
    const clock = new ManualClock(START_MS)
    let ids = 0
    const open = () =>
      PlatformCore.start(
        store,
        clock,
        Array.from({ length: BAYS }, (_, n) => bayId(n)),
        () => `id-${++ids}`,
        (limit) => (ids * 7_919) % limit,
      )
    return new Life(await open(), open)
  }

  async happen(what: Happening, step: number): Promise<void> {
    const model = this.#model
    switch (what.do) {
      case 'reserve': {
        const key = `key-${step}`
        const refused = model.reserve(what.bay, key, what.holdSeconds)
        const answer = await this.core.reservations.reserve(order(what.bay, key, what.holdSeconds))
        assert.equal('refused' in answer ? answer.refused : undefined, refused)
        if ('reservationId' in answer) this.#ids.push(answer.reservationId)
        return
      }
      case 'service':
        model.service(what.bay, what.inService)
        await this.core.service.set(bayId(what.bay), what.inService, undefined)
        return
      case 'status': {
        model.status(what.bay, what)
        const { online, bolt, occupied, fault } = what
        await this.core.status(
          bayId(what.bay),
          {
            online,
            bolt,
            bootCount: 1,
            ...(occupied !== undefined && { occupied }),
            ...(fault && { fault: 'jammed' }),
          },
          what.retained,
        )
        return
      }
      case 'vehicle':
        model.vehicle(what.bay, what.occupied)
        return this.#say(what.bay, `e-${step}`, { type: 'occupancy-changed', occupied: what.occupied })
      case 'repeat-event': {
        const old = this.#events.at(-1 - (what.pick % Math.max(1, this.#events.length)))
        if (old) await this.core.event(old.bay, old.id, old.body)
        return
      }
      case 'deliver':
        model.deliver()
        await this.core.store.execute('DELETE FROM platform_outbox')
        return
      case 'time':
        return this.#time(what.seconds, what.down)
      default:
        return this.#toReservation(what, step)
    }
  }

  async #toReservation(
    what: Extract<Happening, { do: 'same-key' | 'cancel' | 'override' | 'lock-says' | 'onward' }>,
    step: number,
  ): Promise<void> {
    const model = this.#model
    const index = model.reservations.length - 1 - (what.pick % Math.max(1, model.reservations.length))
    const reservation = model.reservations[index]
    const id = this.#ids[index]
    if (!reservation || id === undefined) return
    if (what.do === 'lock-says') {
      const bay = what.foreign ? (reservation.bay + 1) % BAYS : reservation.bay
      model.lockSays(bay, what.word, reservation)
      return this.#say(bay, `e-${step}`, await this.#body(what.word, id))
    }
    if (what.do === 'onward') {
      const next = onward(reservation)
      return next && this.happen(next(what.pick), step)
    }
    if (what.do === 'same-key') return this.#sameKey(reservation, id, what.otherBody)
    const done = what.do === 'cancel' ? model.cancel(reservation) : model.override(reservation)
    const answer = await this.core.reservations[what.do](id)
    assert.equal('refused' in answer ? answer.refused : 'done', done ? 'done' : 'reservation-not-cancellable')
  }

  /** The same request again answers the same, for ever; another one under the same key is refused. */
  async #sameKey({ bay, key, endsAtMs }: ModelReservation, id: string, otherBody: boolean): Promise<void> {
    const [row] = await this.core.store.query<{ created_at: number }>(
      'SELECT created_at FROM platform_reservations WHERE reservation_id = ?',
      [id],
    )
    const holdSeconds = (endsAtMs - (row?.created_at ?? 0)) / 1000
    // 900 s may have been asked for or left out: both orders are tried, and one of them is the same request.
    const orders = [order(bay, key, holdSeconds), order(bay, key, undefined)]
    const same = []
    for (const each of orders) {
      const changed = otherBody ? { ...each, request: { ...each.request, userRef: 'another' } } : each
      const answer = await this.core.reservations.reserve(changed)
      if ('reservationId' in answer) same.push(answer.reservationId)
      else assert.equal(answer.refused, 'idempotency-key-reused')
    }
    assert.deepEqual(same, otherBody ? [] : [id])
  }

  async #time(seconds: number, down: boolean): Promise<void> {
    this.#model.time(seconds)
    if (!down) return this.core.advance(seconds * 1000)
    await this.core.stop()
    this.core.clock.advance(seconds * 1000)
    this.core = await this.open()
    await this.core.advance(0)
  }

  async #say(bay: number, id: string, body: LockEventBody): Promise<void> {
    this.#events.push({ bay: bayId(bay), id, body })
    await this.core.event(bayId(bay), id, body)
  }

  async #body(word: LockWord, reservationId: string): Promise<LockEventBody> {
    switch (word) {
      case 'accepted':
        return { type: 'reservation-accepted', reservationId, comparatorReading: 'preset', distanceMetres: 1 }
      case 'refused':
        return { type: 'reservation-refused', reservationId, reason: 'another-reservation' }
      case 'asks-code':
        return { type: 'unlock-code-requested', reservationId }
      case 'opened':
        return { type: 'bolt-changed', bolt: 'down', reservationId }
      case 'command-expired': {
        const [row] = await this.core.store.query<{ id: string }>(
          'SELECT reserve_command_id AS id FROM platform_reservations WHERE reservation_id = ?',
          [reservationId],
        )
        return {
          type: 'command-result',
          commandId: row?.id ?? '',
          outcome: 'refused',
          reason: 'expired',
          bolt: 'up',
          moves: 0,
          reservationId: null,
        }
      }
    }
  }

  async compare(): Promise<void> {
    const rows = await this.core.store.query<{ id: string; state: string }>(
      'SELECT reservation_id AS id, state FROM platform_reservations',
    )
    const states = new Map(rows.map(({ id, state }) => [id, state]))
    assert.deepEqual(
      this.#ids.map((id) => states.get(id)),
      this.#model.reservations.map(({ state }) => state),
    )
    assert.equal(rows.length, this.#ids.length, 'no reservation but those that were answered')
    const spaces = await this.core.spaces()
    assert.deepEqual(
      spaces.map(({ occupancy, reservation, lockHealth, bolt, inService }) => ({
        occupancy,
        reservation,
        lockHealth,
        bolt,
        inService,
      })),
      this.#model.bays.map(({ occupancy, online, fault, bolt, inService }, n) => {
        const state = this.#model.active(n)?.state ?? 'none'
        return {
          occupancy,
          reservation: state === 'occupied' ? 'unlocked' : state,
          lockHealth: !online ? 'offline' : fault ? 'fault' : 'ok',
          bolt,
          inService,
        }
      }),
    )
    await requireInvariants(this.core.store)
  }
}

/** What usually comes next for a reservation; `held` first, since a lock that is asked answers. */
function onward({ bay, state }: ModelReservation): ((pick: number) => Happening) | undefined {
  const says = (word: LockWord) => (pick: number) =>
    ({ do: 'lock-says', foreign: false, word, pick }) as const
  const vehicle = (occupied: boolean) => () => ({ do: 'vehicle', bay, occupied }) as const
  const next: Readonly<Record<string, (pick: number) => Happening>> = {
    held: says('accepted'),
    accepted: says('asks-code'),
    'code-issued': says('opened'),
    unlocked: vehicle(true),
    occupied: vehicle(false),
    // Word of a lock that was cut off.
    expired: says('opened'),
  }
  return next[state]
}

function order(bay: number, idempotencyKey: string, holdSeconds: number | undefined) {
  const request = {
    bayId: bayId(bay),
    location: { latitude: 31.23, longitude: 121.47 },
    userRef: 'user',
    symbology: 'qr' as const,
    ...(holdSeconds !== undefined && { holdSeconds }),
  }
  return { request, idempotencyKey }
}
