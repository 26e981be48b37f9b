import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wgs84, wgs84ToGcj02 } from './coordinates.js'
import { bayId } from './identifiers.js'
import {
  DEFAULT_PLANNING_LIMITS,
  parkingCandidate,
  planParking,
  walkMinutes,
  type ParkingCandidate,
  type PlanningLimits,
} from './parking-plan.js'

const space = (
  id: string,
  latitude: number,
  pricePerHourFen = 500,
  more: Pick<ParkingCandidate, 'size' | 'charger'> = {},
): ParkingCandidate =>
  parkingCandidate({
    bayId: bayId(id),
    label: id,
    location: wgs84(latitude, 116.4),
    pricePerHourFen,
    ...more,
  })
const place = wgs84ToGcj02(wgs84(39.9, 116.4))
const chosen = (candidates: ParkingCandidate[]) => {
  const result = planParking(place, candidates)
  return 'plan' in result ? result.plan.space.bayId : result.refused
}

test('the nearest of equally dear spaces wins, in any order', () => {
  const near = space('NEAR', 39.9005)
  const far = space('FAR', 39.903)
  assert.equal(chosen([far, near]), 'NEAR')
  assert.equal(chosen([near, far]), 'NEAR')
})

test('a dearer space must save the walk that its price is worth', () => {
  assert.equal(chosen([space('CHEAP', 39.9009, 500), space('DEAR', 39.9001, 1000)]), 'CHEAP')
  assert.equal(chosen([space('CHEAP', 39.902, 500), space('DEAR', 39.9001, 1000)]), 'DEAR')
})

test('ties go to the lower bay id', () => {
  assert.equal(chosen([space('B-2', 39.9), space('B-1', 39.9)]), 'B-1')
})

test('a map point taken for a GPS fix would choose another space', () => {
  const here = space('HERE', 39.9)
  const where555MetresOff = parkingCandidate({
    ...space('THERE', 39.9),
    location: wgs84(place.latitude, place.longitude),
  })
  assert.equal(chosen([here, where555MetresOff]), 'HERE')
})

test('spaces beyond the walk limit are not offered', () => {
  assert.equal(chosen([space('FAR', 39.92)]), 'no-space-in-reach')
  assert.equal(chosen([]), 'no-space-in-reach')
})

test('a walk takes a minute for every 80 m that it begins', () => {
  assert.deepEqual([0, 1, 80, 81, 1_500].map(walkMinutes), [0, 1, 1, 2, 19])
})

const plan = (candidates: ParkingCandidate[], limits: Partial<PlanningLimits> = {}) =>
  planParking(place, candidates, { ...DEFAULT_PLANNING_LIMITS, ...limits })
const bayOf = (result: ReturnType<typeof plan>) => ('plan' in result ? result.plan.space.bayId : result.unmet)

test('hard limits are kept however good a space is otherwise, and it is told which one it was beyond', () => {
  const near = space('NEAR', 39.9, 900)
  const far = space('FAR', 39.909, 500)
  assert.equal(bayOf(plan([near, far], { maxPricePerHourFen: 800 })), 'FAR')
  assert.deepEqual(bayOf(plan([near, far], { maxPricePerHourFen: 100 })), { price: 2, size: 0, charger: 0 })
  assert.deepEqual(bayOf(plan([near, far], { charger: 'any', maxWalkMetres: 100 })), {
    price: 0,
    size: 0,
    charger: 1,
  })
})

test('a vehicle needs its length, its height, and half a metre for its doors', () => {
  const bay = space('BAY', 39.9, 500, { size: { lengthMetres: 5, widthMetres: 2.4, heightMetres: 2 } })
  const fits = (lengthMetres: number, widthMetres: number, heightMetres: number) =>
    'plan' in plan([bay], { vehicle: { lengthMetres, widthMetres, heightMetres } })
  assert.deepEqual(
    [fits(5, 1.9, 2), fits(5.01, 1.9, 2), fits(5, 1.91, 2), fits(5, 1.9, 2.01)],
    [true, false, false, false],
  )
  // One that nobody has measured counts as the ordinary bay, open above.
  const van = (lengthMetres: number) => ({ lengthMetres, widthMetres: 2, heightMetres: 3 })
  assert.equal(bayOf(plan([space('ANY', 39.9)], { vehicle: van(5.3) })), 'ANY')
  assert.ok('refused' in plan([space('ANY', 39.9)], { vehicle: van(5.31) }))
})

test('a charger is found by its kind, and left to others by who does not need one', () => {
  const slow = space('SLOW', 39.9, 500, { charger: { kind: 'ac', powerKilowatts: 7 } })
  const fast = space('FAST', 39.902, 500, { charger: { kind: 'dc', powerKilowatts: 60 } })
  const none = space('NONE', 39.9005)
  assert.equal(bayOf(plan([slow, fast, none], { charger: 'any' })), 'SLOW')
  assert.equal(bayOf(plan([slow, fast, none], { charger: 'dc' })), 'FAST')
  assert.equal(bayOf(plan([slow, fast, none])), 'NONE') // 56 m further, where 60 m are the charger's worth
  assert.equal(bayOf(plan([slow, space('NONE', 39.9006)])), 'SLOW') // 67 m further
})

test('the reason says why it is not the nearest', () => {
  const reason = (...candidates: ParkingCandidate[]) => {
    const result = plan(candidates)
    return 'plan' in result ? { ...result.plan.reason } : undefined
  }
  const near = space('NEAR', 39.9)
  assert.deepEqual(reason(near), { kind: 'only' })
  assert.deepEqual(reason(near, space('FAR', 39.901)), { kind: 'nearest' })
  const cheaper = reason(near, space('CHEAP', 39.9005, 100))
  assert.ok(cheaper?.kind === 'cheaper')
  assert.deepEqual([cheaper.than, cheaper.savesFen, Math.round(cheaper.moreMetres)], ['NEAR', 400, 56])
  const charging = space('CHARGE', 39.9, 500, { charger: { kind: 'dc', powerKilowatts: 60 } })
  assert.equal(reason(charging, space('FAR', 39.9005))?.kind, 'leaves-charger')
})
