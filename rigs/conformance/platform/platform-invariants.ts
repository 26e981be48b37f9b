import assert from 'node:assert/strict'
import type { SqlStore } from '../../../reference/ports/sql-store.js'

/** What may follow what; `''` is the beginning. */
const FOLLOWS: Readonly<Record<string, readonly string[]>> = {
  '': ['held'],
  held: ['accepted', 'refused', 'cancelled', 'expired'],
  accepted: ['code-issued', 'cancelled', 'expired'],
  'code-issued': ['code-issued', 'unlocked', 'cancelled', 'expired'],
  unlocked: ['occupied', 'cancelled', 'expired'],
  occupied: ['completed', 'cancelled'],
  // Word of a lock that was cut off while the hold ran out; the model says when.
  expired: ['unlocked'],
}
const ACTIVE = ['held', 'accepted', 'code-issued', 'unlocked', 'occupied']

/** What must hold in a platform's store at any time. @throws AssertionError */
export async function requireInvariants(store: SqlStore): Promise<void> {
  const reservations = await store.query<{
    id: string
    bay: string
    state: string
    code: string | null
  }>(`SELECT reservation_id AS id, bay_id AS bay, state, code_sha256 AS code FROM platform_reservations`)
  const taken = reservations.filter(({ state }) => ACTIVE.includes(state)).map(({ bay }) => bay)
  assert.equal(new Set(taken).size, taken.length, 'a bay is reserved twice')

  const history = await store.query<{ id: string; state: string }>(
    `SELECT reservation_id AS id, state FROM platform_history WHERE axis = 'reservation' ORDER BY sequence`,
  )
  const last = new Map<string, string>()
  const coded = new Set<string>()
  for (const { id, state } of history) {
    const before = last.get(id) ?? ''
    assert.ok(FOLLOWS[before]?.includes(state), `${id} went from ${before || 'nothing'} to ${state}`)
    last.set(id, state)
    if (state === 'code-issued') coded.add(id)
  }
  for (const { id, state, code } of reservations) {
    assert.equal(last.get(id), state, `the history of ${id} ends elsewhere`)
    assert.equal(code !== null, coded.has(id), `${id}: a code was kept exactly when one was issued`)
  }
  assert.equal(last.size, reservations.length, 'a history without its reservation')
}
