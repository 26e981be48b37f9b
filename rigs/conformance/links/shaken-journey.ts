import assert from 'node:assert/strict'
import { ClusterUser } from '../cluster/cluster-user.js'
import { comesToRest, requireClusterInvariants } from '../cluster/cluster-invariants.js'
import type { PhoneLine } from '../../bench/people/phone-line.js'
import { openFaultyWorld, type LinkName } from './faulty-world.js'

const IMPATIENCE_MS = 1_500
const ATTEMPTS = 5
const LOCK_PATIENCE_MS = 3_000

export interface ShakenFigures {
  readonly end: 'completed' | 'no-code' | 'code-not-taken'
  readonly faults: Readonly<Record<string, number>>
}

/** What the network does to a phone is seen by its user, who tries again. */
async function persistently(act: () => Promise<unknown>): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const done = await act().then(
      () => true,
      () => false,
    )
    if (done) return
  }
}

async function code(user: ClusterUser, bayId: string): Promise<string | undefined> {
  await persistently(() => user.writes(`预约 ${bayId}`))
  for (let attempt = 0; attempt < ATTEMPTS;) {
    const heard = await user.hears(IMPATIENCE_MS).catch(() => ({ kind: 'silence' }) as const)
    if (heard.kind === 'code') return heard.code
    if (heard.kind === 'reserved') continue
    attempt++
    const ask = heard.kind === 'again' || heard.kind === 'refused' ? `预约 ${bayId}` : '我的码'
    await persistently(() => user.writes(ask))
  }
  return undefined
}

/**
 * One journey over a link that does its worst; then the link is whole, time runs out for what is left, and everything
 * must come to rest with every invariant kept, and a next driver must get the bay.
 * @throws AssertionError
 */
export async function shakenJourney(link: LinkName, seed: number): Promise<ShakenFigures> {
  const world = await openFaultyWorld(link, seed)
  try {
    const { lock } = world
    const user = await newUser(world.phones)
    lock.begin()
    let end: ShakenFigures['end'] = 'no-code'
    const got = await code(user, lock.bayId)
    if (got !== undefined) {
      end = 'code-not-taken'
      if ((await lock.hasCode(LOCK_PATIENCE_MS)) && (await lock.isShown(got)) === 'fresh') {
        end = 'completed'
        await lock.boltIs('down')
        lock.setVehicle(true)
        await lock.says('occupancy-changed')
        lock.setVehicle(false)
        await lock.boltIs('up')
        assert.notEqual(await lock.isShown(got), 'fresh', 'a code works twice')
      }
    }
    assert.equal(lock.openings, end === 'completed' ? 1 : 0)
    await world.heal()
    // What the user asked last may still be on its way, and reserve the bay once more.
    await world.phones.settled()
    world.runOut()
    await comesToRest(world)
    await requireClusterInvariants(world)
    if (got !== undefined)
      assert.notEqual(await lock.isShown(got), 'fresh', 'a code outlives its reservation')
    const next = await newUser(world.phones)
    assert.ok(await code(next, lock.bayId), 'the next driver gets no code')
    const faults: Record<string, number> = {}
    for (const { counts } of world.faults) {
      for (const [kind, n] of Object.entries(counts)) faults[kind] = (faults[kind] ?? 0) + n
    }
    return { end, faults }
  } finally {
    await world.close()
  }
}

async function newUser(phones: PhoneLine): Promise<ClusterUser> {
  let made: ClusterUser | undefined
  for (let attempt = 0; !made; attempt++) {
    made = await ClusterUser.create(phones, true).catch((error: unknown) => {
      if (attempt > 10 * ATTEMPTS) throw error
      return undefined
    })
  }
  return made
}
