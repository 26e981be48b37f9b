import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wgs84, wgs84ToGcj02 } from './coordinates.js'
import { bayId } from './identifiers.js'
import { planParking, walkMinutes, type ParkingCandidate } from './parking-plan.js'

const space = (id: string, latitude: number, pricePerHourFen = 500): ParkingCandidate => ({
  bayId: bayId(id),
  label: id,
  location: wgs84(latitude, 116.4),
  pricePerHourFen,
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
  const where555MetresOff = { ...space('THERE', 39.9), location: wgs84(place.latitude, place.longitude) }
  assert.equal(chosen([here, where555MetresOff]), 'HERE')
})

test('spaces beyond the walk limit are not offered', () => {
  assert.equal(chosen([space('FAR', 39.92)]), 'no-space-in-reach')
  assert.equal(chosen([]), 'no-space-in-reach')
})

test('a walk takes a minute for every 80 m that it begins', () => {
  assert.deepEqual([0, 1, 80, 81, 1_500].map(walkMinutes), [0, 1, 1, 2, 19])
})
