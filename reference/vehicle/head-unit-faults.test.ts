import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parkingBus } from '../contracts/parking-bus.js'
import type { CanFrame } from '../ports/can-bus.js'
import { seededRandom } from '../../rigs/simulated/seeded-random.js'
import { Draws } from '../../rigs/soak/draws.js'
import { flipped, only, POINT, withPlan } from './fixtures/head-unit-bench.js'

const { cycleMs } = parkingBus
const CYCLIC = [parkingBus.latitude, parkingBus.longitude, parkingBus.progress, parkingBus.info]
/** Replays the first frame of each message that it is given. */
function stuck(): (frame: CanFrame) => CanFrame[] {
  const first = new Map<number, CanFrame>()
  return (frame) => {
    if (!first.has(frame.id)) first.set(frame.id, frame)
    return [first.get(frame.id) ?? frame]
  }
}

for (const message of CYCLIC) {
  for (const [what, change, fault] of [
    ['is flipped', (frame) => [flipped(frame)], 'corrupt'],
    ['is lost', () => [], 'missing'],
    ['has a stuck counter', stuck(), 'stuck-counter'],
  ] as const satisfies readonly (readonly [string, (frame: CanFrame) => CanFrame[], string])[]) {
    test(`when ${message.name} ${what} for good, no plan is shown within three cycles, and why is known`, async () => {
      await withPlan(async ({ headUnit, cycle, faults }) => {
        for (let n = 0; n < 4; n++) {
          await cycle({ state: 'unlocked' }, only(message.id, change))
        }
        assert.deepEqual(headUnit.screen(), { shows: 'no-valid-data' })
        assert.ok(faults().includes(`e2e-${fault}`), faults().join(', '))
        assert.ok((headUnit.health().find((one) => one.message === message.name)?.faults[fault] ?? 0) > 0)
        for (let n = 0; n < 4; n++) await cycle({ state: 'unlocked' })
        const screen = headUnit.screen()
        assert.equal(screen.shows === 'plan' && screen.state, 'unlocked')
      })
    })
  }
}

test('a frame that is lost once is told with its loss, and the plan stays', async () => {
  await withPlan(async ({ headUnit, cycle, events, faults }) => {
    await cycle(
      {},
      only(parkingBus.longitude.id, () => []),
    )
    await cycle()
    assert.deepEqual(faults(), ['e2e-late', 'e2e-lost'])
    assert.equal(events.at(-1)?.message, 'ParkingPlanLongitude')
    assert.equal(headUnit.screen().shows, 'plan')
  })
})

test('frames that come twice are told, and the plan stays', async () => {
  await withPlan(async ({ headUnit, cycle, faults }) => {
    for (let n = 0; n < 5; n++)
      await cycle(
        {},
        only(parkingBus.info.id, (frame) => [frame, frame]),
      )
    assert.deepEqual(new Set(faults()), new Set(['e2e-repeated']))
    assert.equal(headUnit.screen().shows, 'plan')
  })
})

test('data of another message are called a masquerade, and whose they are', async () => {
  await withPlan(async ({ headUnit, cycle, events }) => {
    let foreign: CanFrame | undefined
    const change = (frame: CanFrame): CanFrame[] => {
      if (frame.id === parkingBus.latitude.id) foreign = frame
      if (frame.id !== parkingBus.longitude.id || !foreign) return [frame]
      return [{ ...frame, data: foreign.data }]
    }
    for (let n = 0; n < 2; n++) await cycle({}, change)
    const masquerade = events.find(({ event }) => event === 'e2e-masquerade')
    assert.deepEqual(
      [masquerade?.message, masquerade?.dataOf],
      ['ParkingPlanLongitude', 'ParkingPlanLatitude'],
    )
    assert.deepEqual(headUnit.screen(), { shows: 'no-valid-data' })
  })
})

test('when everything stops, the screen says after three cycles that it has no valid data', async () => {
  await withPlan(async ({ headUnit, time }) => {
    time.pass(2 * cycleMs - 1) // the cycle of the last frame has passed already
    assert.equal(headUnit.screen().shows, 'plan')
    time.pass(1)
    assert.deepEqual(headUnit.screen(), { shows: 'no-valid-data' })
  })
})

for (const seed of [1, 2, 3]) {
  test(`whatever happens to single frames, no plan on the screen is older than two cycles (seed ${seed})`, async () => {
    await withPlan(async ({ headUnit, cycle, faults }) => {
      const draws = new Draws(seededRandom(seed))
      const last = new Map<number, CanFrame>()
      const disturb = (frame: CanFrame): CanFrame[] => {
        const before = last.get(frame.id) ?? frame
        last.set(frame.id, frame)
        if (draws.chance(0.6)) return [frame]
        const data = frame.data.slice()
        const bit = draws.below(data.length * 8)
        data[bit >> 3] = (data[bit >> 3] as number) ^ (1 << (bit & 7))
        const { data: foreign } = last.get(draws.pick(CYCLIC).id) ?? frame
        return draws.pick([[], [frame, frame], [before], [{ ...frame, data }], [{ ...frame, data: foreign }]])
      }
      let shown = 0
      await cycle({ pricePerHourFen: 0 })
      for (let n = 1; n <= 150; n++) {
        await cycle({ pricePerHourFen: n }, disturb)
        const screen = headUnit.screen()
        if (screen.shows !== 'plan') continue
        shown++
        assert.ok(
          n - screen.pricePerHourFen <= 2 && screen.pricePerHourFen <= n,
          `${n}: ${JSON.stringify(screen)}`,
        )
        assert.deepEqual([screen.position, screen.unlockStep], [POINT, 'code-sent'])
      }
      assert.ok(shown > 0 && shown < 150, `the plan was shown in ${shown} of 150 cycles`)
      const told = new Set(faults())
      for (const fault of ['corrupt', 'masquerade', 'repeated', 'lost', 'late'])
        assert.ok(told.has(`e2e-${fault}`), fault)
    })
  })
}
