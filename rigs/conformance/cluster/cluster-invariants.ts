import assert from 'node:assert/strict'
import type { Reservation } from '../../../reference/contracts/platform-api.js'
import { requireInvariants } from '../platform/platform-invariants.js'
import type { Passed } from './balancer.js'
import type { SqlStore } from '../../../reference/ports/sql-store.js'

/** What is looked at: the stores of both sides, and what the cloud was told. */
export interface Observed {
  readonly store: SqlStore
  readonly cloudStore: SqlStore
  readonly passed: readonly Passed[]
}

/** How long everything may take to come to rest, wall milliseconds. */
const REST_MS = 60_000
const LOOK_MS = 100

/** Resolves when nothing waits to be sent, and every bay is free for the next driver. @throws AssertionError */
export async function comesToRest(cluster: Observed): Promise<void> {
  const deadline = performance.now() + REST_MS
  for (;;) {
    const unrest = await whatIsOpen(cluster).catch((error: unknown) => [String(error)])
    if (unrest.length === 0) return
    assert.ok(performance.now() < deadline, `the cluster does not come to rest: ${unrest.join('; ')}`)
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}

async function whatIsOpen({ store, cloudStore }: Observed): Promise<string[]> {
  const waiting = await store.query<{ channel: string; kind: string }>(
    'SELECT channel, kind FROM platform_outbox',
  )
  const unsaid = await cloudStore.query<{ channel: string }>('SELECT channel FROM cloud_outbox')
  const active = await cloudStore.query<{ bay: string; progress: number }>(
    'SELECT bay_id AS bay, progress FROM cloud_reservations WHERE active = 1',
  )
  const bays = await store.query<{ bay: string; bolt: string; state: string | null }>(
    `SELECT b.bay_id AS bay, b.bolt, r.state FROM platform_bays b LEFT JOIN platform_reservations r
       ON r.bay_id = b.bay_id AND r.state IN ('held', 'accepted', 'code-issued', 'unlocked', 'occupied')
     WHERE r.state IS NOT NULL OR b.bolt <> 'up' OR b.lock_online = 0 OR b.occupancy <> 'free'`,
  )
  return [
    ...waiting.map(({ channel, kind }) => `${channel} ${kind} waits`),
    ...unsaid.map(({ channel }) => `${channel} message waits`),
    ...active.map(({ bay, progress }) => `the cloud holds ${bay} (${progress})`),
    ...bays.map(({ bay, bolt, state }) => `${bay} is ${bolt}, ${state ?? 'not reserved'}`),
  ]
}

/** What must hold whatever has crashed: no space doubled, no acknowledged reservation lost. @throws AssertionError */
export async function requireClusterInvariants({ store, cloudStore, passed }: Observed): Promise<void> {
  await requireInvariants(store)
  const known = new Set(
    (await store.query<{ id: string }>('SELECT reservation_id AS id FROM platform_reservations')).map(
      ({ id }) => id,
    ),
  )
  const acknowledged = passed
    .filter(({ wire, method, status }) => wire === 'platform' && method === 'POST' && status === 201)
    .map(({ answered }) => (JSON.parse(answered) as Reservation).reservationId)
  for (const id of acknowledged) assert.ok(known.has(id), `the acknowledged reservation ${id} is lost`)
  const plans = await cloudStore.query<{ id: string; n: number }>(
    `SELECT reservation_id AS id, COUNT(*) AS n FROM cloud_reservations WHERE reservation_id IS NOT NULL
     GROUP BY reservation_id`,
  )
  for (const { id, n } of plans) {
    assert.ok(known.has(id), `the cloud promised ${id}, of which the platform knows nothing`)
    assert.equal(n, 1, `reservation ${id} belongs to ${n} plans`)
  }
}
