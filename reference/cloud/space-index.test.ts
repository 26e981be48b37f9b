import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { gcj02, wgs84 } from '../domain/coordinates.js'
import { bayId } from '../domain/identifiers.js'
import {
  parkingCandidate,
  planParking,
  type ParkingCandidate,
  type PlanningLimits,
} from '../domain/parking-plan.js'
import { SpaceIndex } from './space-index.js'

/** A few prices and a coarse grid, so that ties are as common as they are in a real street. */
const spaceShape = fc.record({
  north: fc.integer({ min: 0, max: 40 }),
  east: fc.integer({ min: 0, max: 10 }),
  pricePerHourFen: fc.constantFrom(0, 500, 600, 2_000),
  free: fc.boolean(),
  charger: fc.constantFrom(
    undefined,
    { kind: 'ac', powerKilowatts: 7 } as const,
    {
      kind: 'dc',
      powerKilowatts: 60,
    } as const,
  ),
  size: fc.constantFrom(undefined, { lengthMetres: 4.2, widthMetres: 2.2, heightMetres: 1.9 }),
})

const limitsShape: fc.Arbitrary<PlanningLimits> = fc.record(
  {
    maxWalkMetres: fc.constantFrom(0, 80, 300, 1_500, 20_000),
    maxPricePerHourFen: fc.constantFrom(0, 550, 5_000),
    charger: fc.constantFrom('any', 'ac', 'dc'),
    vehicle: fc.constant({ lengthMetres: 4.8, widthMetres: 1.8, heightMetres: 1.5 }),
  },
  { requiredKeys: ['maxWalkMetres'] },
)

test('the plan is that of a planner who looks at every space', () => {
  fc.assert(
    fc.property(
      fc.array(spaceShape, { maxLength: 400, size: 'max' }),
      limitsShape,
      fc.record({
        latitude: fc.double({ min: 39.89, max: 39.92, noNaN: true }),
        longitude: fc.constant(116.406),
      }),
      fc.nat(20),
      // Cheap ones only at the edge, as in a real town: the best is then far down the list of the nearest.
      fc.boolean(),
      (shapes, limits, { latitude, longitude }, gone, zoned) => {
        const spaces = shapes.map(
          ({ north, east, free: _, charger, size, pricePerHourFen }, i): ParkingCandidate =>
            parkingCandidate({
              bayId: bayId(`B-${(i * 7919) % 1000}-${i}`),
              label: `${i}`,
              location: wgs84(39.9 + north * 0.0001, 116.4 + east * 0.0001),
              pricePerHourFen: zoned ? (north > 34 ? 0 : 2_000) : pricePerHourFen,
              ...(charger && { charger }),
              ...(size && { size }),
            }),
        )
        const index = new SpaceIndex(spaces)
        spaces.forEach((space, i) => index.setFree(space.bayId, shapes[i]?.free === true))
        const without = new Set(spaces.slice(0, gone).map((space) => space.bayId as string))
        const open = spaces.filter((space, i) => shapes[i]?.free === true && !without.has(space.bayId))
        const place = gcj02(latitude, longitude)
        assert.deepEqual(index.plan(place, limits, without), planParking(place, open, limits))
      },
    ),
    { numRuns: 400, seed: 7, endOnFailure: true },
  )
})

test('a space counts as free from the moment that it is said to be', () => {
  const space = parkingCandidate({
    bayId: bayId('B-1'),
    label: 'B-1',
    location: wgs84(39.9, 116.4),
    pricePerHourFen: 500,
  })
  const index = new SpaceIndex([space])
  const planned = () => 'plan' in index.plan(space.onMap)
  assert.equal(planned(), false)
  assert.equal(index.setFree('B-1', true), true)
  assert.equal(planned(), true)
  index.setFree('B-1', false)
  assert.equal(planned(), false)
  assert.equal(index.setFree('B-2', true), false)
})

test('a city without a space has no plan', () => {
  assert.ok('refused' in new SpaceIndex([]).plan(gcj02(39.9, 116.4)))
})
