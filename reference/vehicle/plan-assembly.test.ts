import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wgs84 } from '../domain/coordinates.js'
import type { PlanInfo } from './parking-frames.js'
import { PlanAssembly } from './plan-assembly.js'

const POINT = wgs84(31.2304, 121.4737)
const label = (planSequence: number, text = '东区 17 号') => ({ planSequence, bayId: 'B-17', label: text })
const info = (planSequence: number, changes: Partial<PlanInfo> = {}): PlanInfo => ({
  walkMetres: 230,
  etaMinutes: 3,
  pricePerHourFen: 600,
  state: 'planned',
  planSequence,
  ...changes,
})

function acceptParts(assembly: PlanAssembly, planSequence: number): void {
  assembly.acceptLatitude({ planSequence, degrees: POINT.latitude })
  assembly.acceptLongitude({ planSequence, degrees: POINT.longitude })
  assembly.acceptProgress({ planSequence, step: 'requested' })
}

function shownPlan() {
  const assembly = new PlanAssembly()
  assembly.acceptLabel(label(1))
  acceptParts(assembly, 1)
  assert.equal(assembly.acceptInfo(info(1)), 'shown')
  return assembly
}

test('label, place, progress and info together are a plan', () => {
  assert.deepEqual(shownPlan().screen, {
    shows: 'plan',
    planSequence: 1,
    bayId: 'B-17',
    label: '东区 17 号',
    walkMetres: 230,
    etaMinutes: 3,
    pricePerHourFen: 600,
    state: 'planned',
    unlockStep: 'requested',
    position: POINT,
  })
})

test('a walk of unknown time is shown without one', () => {
  const assembly = shownPlan()
  assert.equal(assembly.acceptInfo(info(1, { etaMinutes: undefined })), 'shown')
  assert.ok(assembly.screen.shows === 'plan' && !('etaMinutes' in assembly.screen))
})

test('another label under the same sequence is another plan: the parts before it are not its own', () => {
  const assembly = shownPlan()
  assembly.acceptLabel(label(1))
  assert.equal(assembly.acceptInfo(info(1)), 'shown', 'the same label again')
  assembly.acceptLabel(label(1, '西区 3 号'))
  assert.equal(assembly.acceptInfo(info(1)), 'position-missing')
  assert.deepEqual(assembly.screen, { shows: 'no-valid-data' })
})

test('without its label a plan is not shown', () => {
  const assembly = new PlanAssembly()
  acceptParts(assembly, 1)
  assert.equal(assembly.acceptInfo(info(1)), 'label-missing')
  assembly.acceptLabel(label(2))
  acceptParts(assembly, 1)
  assert.equal(assembly.acceptInfo(info(1)), 'label-missing')
  assert.deepEqual(assembly.screen, { shows: 'no-plan' })
})

for (const [part, missing, result] of [
  ['latitude', 'acceptLatitude', 'position-missing'],
  ['longitude', 'acceptLongitude', 'position-missing'],
  ['progress', 'acceptProgress', 'progress-missing'],
] as const) {
  test(`without its ${part} a plan is not shown, and no other plan’s takes its place`, () => {
    const assembly = shownPlan()
    assembly.acceptLabel(label(2))
    assembly[missing] = () => undefined
    acceptParts(assembly, 2)
    assert.equal(assembly.acceptInfo(info(2)), result)
    assert.deepEqual(assembly.screen, { shows: 'no-valid-data' })
  })
}

test('the halves of two places never make a third', () => {
  const assembly = shownPlan()
  assembly.acceptLabel(label(2))
  acceptParts(assembly, 2)
  assembly.acceptLongitude({ planSequence: 1, degrees: 114 })
  assert.equal(assembly.acceptInfo(info(2)), 'position-missing')
})

test('a place from when the same sequence was another plan’s is not used', () => {
  const assembly = shownPlan()
  assembly.acceptLabel(label(2))
  assembly.acceptLabel(label(1, '西区'))
  assert.equal(assembly.acceptInfo(info(1)), 'position-missing')
})

test('a label that is sent again leaves the plan as it is', () => {
  const assembly = shownPlan()
  assembly.acceptLabel(label(1))
  assert.equal(assembly.acceptInfo(info(1, { state: 'reserved' })), 'shown')
})

test('the info of another plan takes the old one off the screen', () => {
  const assembly = shownPlan()
  acceptParts(assembly, 2)
  assert.equal(assembly.acceptInfo(info(2)), 'label-missing')
  assert.deepEqual(assembly.screen, { shows: 'no-valid-data' })
})

for (const part of ['latitude', 'longitude', 'progress'] as const) {
  test(`a plan whose ${part} is not valid any more goes, and comes back with a new one`, () => {
    const assembly = shownPlan()
    assembly.invalidate(part)
    assert.deepEqual(assembly.screen, { shows: 'no-valid-data' })
    assert.match(assembly.acceptInfo(info(1)), /missing/)
    acceptParts(assembly, 1)
    assert.equal(assembly.acceptInfo(info(1)), 'shown')
  })
}

test('where no plan was shown, invalid data change nothing', () => {
  const assembly = new PlanAssembly()
  assembly.invalidate('info')
  assert.deepEqual(assembly.screen, { shows: 'no-plan' })
})
