import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadIntoPlatform } from '../bench/people/load-inventory.js'
import { PlatformClient } from '../bench/people/platform-client.js'
import { startFleetParties } from './fixtures/fleet-parties.js'
import type { FleetPlan } from './fleet-plan.js'
import { Play } from './play.js'
import { PlayedFleet } from './played-fleet.js'
import type { PlayedLockDeps } from './played-lock-config.js'
import { SYNTHETIC_PLACE, syntheticCity } from './synthetic-city.js'
import { untilLocksAreSeen } from './until-locks-are-seen.js'

const LOCKS = 5
const VEHICLES = ['FV-1', 'FV-2']
const USERS = 3
/** Of the first three wishes, which always find a user, some are given up and some are not. */
const SEED = 9

/** @param model what is not as in the other tests */
async function playSmallFleet(
  model: Partial<FleetPlan['model']>,
  lockDeps: (bayId: string) => Partial<PlayedLockDeps> = () => ({}),
) {
  const bays = syntheticCity(LOCKS)
  const lockIds = bays.map(({ lockId }) => lockId)
  const parties = await startFleetParties(lockIds, VEHICLES)
  try {
    const { broker, platform, wechat } = parties
    const access = (username: string) => ({
      url: broker.url,
      username,
      password: broker.passwordOf(username),
    })
    await loadIntoPlatform(bays, platform.url, platform.operatorToken)
    const fleet = await PlayedFleet.connect(
      {
        bays,
        locks: lockIds.map(access),
        vehicles: VEHICLES.map(access),
        users: USERS,
        phone: wechat,
        model: {
          seed: SEED,
          journeysPerSecond: 3,
          driveMs: 20,
          stayMs: 20,
          places: [SYNTHETIC_PLACE.name],
          cancelShare: 0,
          foreignCodeShare: 0,
          ...model,
        },
        seconds: 3,
        patienceSeconds: 20,
        fixSeconds: 0,
        travelMs: 20,
        leaveMs: 20,
      },
      () => undefined,
      lockDeps,
    )
    try {
      const operator = new PlatformClient(platform.url, platform.operatorToken)
      await untilLocksAreSeen(operator, bays)
      const figures = await new Play(fleet).run()
      const { spaces } = await operator.spaces()
      return { figures, taken: spaces.filter(({ reservation }) => reservation !== 'none') }
    } finally {
      await fleet.close()
    }
  } finally {
    await parties.close()
  }
}

test('every journey of a small fleet completes or ends in a named refusal, and leaves no bay taken', async () => {
  const { figures, taken } = await playSmallFleet({ cancelShare: 0.3, foreignCodeShare: 0.5 })
  const { journeys, breaches, linkFaults, changeToCard } = figures
  assert.deepEqual(
    [journeys.stuck, breaches, linkFaults],
    [{}, { count: 0, first: [] }, { count: 0, first: [] }],
  )
  assert.ok(journeys.completed > 0 && journeys.cancelled > 0, JSON.stringify(journeys))
  const refused = Object.values(journeys.refused).reduce((a, b) => a + b, 0)
  assert.equal(journeys.completed + journeys.cancelled + refused, journeys.offered)
  assert.equal(figures.wishToCode.count, journeys.completed + journeys.cancelled)
  for (const card of ['unlocked', 'parked', 'completed'] as const) {
    assert.equal(changeToCard[card].count, journeys.completed, card)
  }
  assert.deepEqual(taken, [])
})

test('a lock that opens for a wrong code is found out', async () => {
  const { figures } = await playSmallFleet({ foreignCodeShare: 1 }, () => ({ opensForAnything: true }))
  const kinds = new Set(figures.breaches.first.map(({ what }) => what))
  assert.ok(kinds.has('wrong-code-opened'), JSON.stringify(figures.breaches))
})

test('a lock that opens twice for one code is found out', async () => {
  const { figures } = await playSmallFleet({}, () => ({ opensForAnything: true }))
  const kinds = new Set(figures.breaches.first.map(({ what }) => what))
  assert.deepEqual([...kinds], ['code-opened-twice'])
})
