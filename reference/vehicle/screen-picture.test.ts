import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wgs84 } from '../domain/coordinates.js'
import type { HeadUnitScreen, ShownPlan } from './plan-assembly.js'
import { drawScreen, SCREEN_HEIGHT, SCREEN_WIDTH } from './screen-picture.js'

const PLAN: ShownPlan = {
  shows: 'plan',
  planSequence: 1,
  bayId: 'B-17',
  label: '东区 17 号车位',
  walkMetres: 230,
  etaMinutes: 3,
  pricePerHourFen: 650,
  state: 'reserved',
  unlockStep: 'accepted',
  position: wgs84(31.2304161, 121.4737019),
}

const pixels = (screen: HeadUnitScreen) => drawScreen(screen).data()

test('the picture has the size of the screen', () => {
  const { width, height } = drawScreen(PLAN)
  assert.deepEqual([width, height], [SCREEN_WIDTH, SCREEN_HEIGHT])
})

test('the same plan gives the same pixels, whatever was drawn before', () => {
  const first = pixels(PLAN)
  pixels({ shows: 'no-plan' })
  assert.ok(first.equals(pixels(PLAN)))
})

for (const [what, changes] of [
  ['labels of the same length', { label: '西区 17 号车位' }],
  ['states', { state: 'unlocked' }],
  ['distances', { walkMetres: 231 }],
  ['times of walking', { etaMinutes: 4 }],
  ['steps of the unlocking', { unlockStep: 'code-sent' }],
  ['prices', { pricePerHourFen: 651 }],
  ['positions', { position: wgs84(31.2304162, 121.4737019) }],
] as const) {
  test(`two ${what} differ in pixels`, () => {
    assert.ok(!pixels(PLAN).equals(pixels({ ...PLAN, ...changes })))
  })
}

test('a walk of unknown time is told from one of no time', () => {
  const { etaMinutes: _, ...unknown } = PLAN
  assert.ok(!pixels(unknown).equals(pixels({ ...PLAN, etaMinutes: 0 })))
})

test('no plan and no valid data are told apart', () => {
  assert.ok(!pixels({ shows: 'no-plan' }).equals(pixels({ shows: 'no-valid-data' })))
})

test('the longest label that the contract allows can be drawn', () => {
  assert.equal(drawScreen({ ...PLAN, label: '地下三层东区'.repeat(11).slice(0, 64) }).width, SCREEN_WIDTH)
})
