import { randomInt, randomUUID } from 'node:crypto'
import type { SqlStore } from '../../../reference/ports/sql-store.js'
import { PlatformCore } from '../../conformance/platform/platform-core.js'
import { ManualClock } from '../../simulated/manual-clock/manual-clock.js'
import { median, percentile } from '../percentile.js'

export interface RateRow {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

export interface ReservationRows {
  readonly store: string
  /** Rows of some 200 bytes into a table of their own, each durable before the next: what the store can do at most. */
  readonly bareInserts: RateRow
  /** Each durable before the next is asked. */
  readonly oneByOne: RateRow
  /** As many users at the same moment as `users`. */
  readonly together: RateRow & { readonly users: number }
  /** Reservations/s by bare inserts/s. */
  readonly share: { readonly oneByOne: number; readonly together: number }
}

const ROUNDS = 5
const A_ROUND = 400
const USERS = 32
const PAYLOAD = 'x'.repeat(200)

async function timed(count: number, users: number, work: (at: number) => Promise<unknown>): Promise<RateRow> {
  const took: number[] = []
  let begun = 0
  const run = async () => {
    while (begun < count) {
      const from = performance.now()
      await work(begun++)
      took.push(performance.now() - from)
    }
  }
  const from = performance.now()
  await Promise.all(Array.from({ length: users }, run))
  const seconds = (performance.now() - from) / 1_000
  took.sort((a, b) => a - b)
  return {
    perSecond: count / seconds,
    p50Ms: percentile(took, 0.5) ?? NaN,
    p99Ms: percentile(took, 0.99) ?? NaN,
  }
}

function middle(rows: readonly RateRow[]): RateRow {
  const of = (field: keyof RateRow) => median(rows.map((row) => row[field]))
  return {
    perSecond: Math.round(of('perSecond')),
    p50Ms: Number(of('p50Ms').toFixed(2)),
    p99Ms: Number(of('p99Ms').toFixed(2)),
  }
}

/**
 * Reservations to their durable commit beside bare inserts on the same store, in turn, so that whatever else the
 * machine does meets both. Each is a real one: space, history, outbox and key in one transaction.
 * @param store is empty
 */
export async function measureReservations(
  name: string,
  store: SqlStore,
  progress: (what: string) => void,
): Promise<ReservationRows> {
  await store.execute('CREATE TABLE bench_bare (id TEXT PRIMARY KEY, payload TEXT NOT NULL)')
  const bays = Array.from({ length: 2 * A_ROUND * (ROUNDS + 1) }, (_, i) => `B-${i}`)
  const core = await PlatformCore.start(store, new ManualClock(Date.now()), bays, randomUUID, randomInt)
  await store.execute(`UPDATE platform_bays SET lock_online = 1, bolt = 'up', occupancy = 'free'`)
  let next = 0
  const reserve = async () => {
    const bayId = bays[next++] ?? ''
    const location = { latitude: 31.23, longitude: 121.47 }
    const request = { bayId, location, userRef: 'bench', symbology: 'qr' as const }
    const answer = await core.reservations.reserve({ request, idempotencyKey: randomUUID() })
    if ('refused' in answer) throw new Error(`${bayId}: ${answer.refused}`)
  }
  const insert = () => store.execute('INSERT INTO bench_bare VALUES (?, ?)', [randomUUID(), PAYLOAD])
  const rows = { bare: [] as RateRow[], oneByOne: [] as RateRow[], together: [] as RateRow[] }
  // The first round pays for plans and compilation.
  for (let round = 0; round <= ROUNDS; round++) {
    progress(`reservations on ${name}, round ${round} of ${ROUNDS}`)
    const bare = await timed(A_ROUND, 1, insert)
    const oneByOne = await timed(A_ROUND, 1, reserve)
    const together = await timed(A_ROUND, USERS, reserve)
    if (round === 0) continue
    rows.bare.push(bare)
    rows.oneByOne.push(oneByOne)
    rows.together.push(together)
  }
  await core.stop()
  const [bareInserts, oneByOne, together] = [middle(rows.bare), middle(rows.oneByOne), middle(rows.together)]
  const share = (row: RateRow) => Number((row.perSecond / bareInserts.perSecond).toFixed(2))
  return {
    store: name,
    bareInserts,
    oneByOne,
    together: { ...together, users: USERS },
    share: { oneByOne: share(oneByOne), together: share(together) },
  }
}
