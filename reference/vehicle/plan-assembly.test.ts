import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wgs84 } from '../domain/coordinates.js'
import { PlanAssembly } from './plan-assembly.js'
import type { PlanInfo } from './parking-frames.js'

const POINT = wgs84(31.2304, 121.4737)
const label = (planSequence: number, text = '东区 17 号') => ({ planSequence, bayId: 'B-17', label: text })

let alive = 0
function info(planSequence: number, changes: Partial<PlanInfo> = {}): PlanInfo {
  alive = (alive + 1) % 16
  return {
    walkMetres: 230,
    pricePerHourFen: 600,
    state: 'planned',
    aliveCounter: alive,
    planSequence,
    ...changes,
  }
}

function shownPlan() {
  const assembly = new PlanAssembly()
  assembly.acceptLabel(label(1))
  assembly.acceptPosition(POINT)
  assert.equal(assembly.acceptInfo(info(1)), 'shown')
  return assembly
}

test('label, position and info together are a plan', () => {
  assert.deepEqual(shownPlan().screen, {
    shows: 'plan',
    planSequence: 1,
    bayId: 'B-17',
    label: '东区 17 号',
    walkMetres: 230,
    pricePerHourFen: 600,
    state: 'planned',
    position: POINT,
  })
})

test('without its label a plan is not shown', () => {
  const assembly = new PlanAssembly()
  assembly.acceptPosition(POINT)
  assert.equal(assembly.acceptInfo(info(1)), 'label-missing')
  assembly.acceptLabel(label(2))
  assembly.acceptPosition(POINT)
  assert.equal(assembly.acceptInfo(info(1)), 'label-missing')
  assert.deepEqual(assembly.screen, { shows: 'no-plan' })
})

test('without its position a plan is not shown, and no older position takes its place', () => {
  const assembly = shownPlan()
  assembly.acceptLabel(label(2))
  assert.equal(assembly.acceptInfo(info(2)), 'position-missing')
  assert.deepEqual(assembly.screen, { shows: 'no-valid-data' })
})

test('a position whose info was lost never becomes the next plan’s', () => {
  const assembly = shownPlan()
  assembly.acceptPosition(wgs84(22.5, 114))
  assembly.acceptLabel(label(2))
  assert.equal(assembly.acceptInfo(info(2)), 'position-missing')
  assert.deepEqual(assembly.screen, { shows: 'no-valid-data' })
})

test('one position lost leaves the plan as it is', () => {
  const assembly = shownPlan()
  assert.equal(assembly.acceptInfo(info(1, { state: 'reserved' })), 'position-missing')
  assert.equal(assembly.screen.shows === 'plan' && assembly.screen.state, 'planned')
})

test('the info of another plan takes the old one off the screen', () => {
  const assembly = shownPlan()
  assembly.acceptPosition(POINT)
  assert.equal(assembly.acceptInfo(info(2)), 'label-missing')
  assert.deepEqual(assembly.screen, { shows: 'no-valid-data' })
})

test('an info that repeats its alive counter is not fresh', () => {
  const assembly = shownPlan()
  assembly.acceptPosition(POINT)
  assert.equal(assembly.acceptInfo(info(1, { aliveCounter: alive, state: 'parked' })), 'repeated')
  assert.equal(assembly.screen.shows === 'plan' && assembly.screen.state, 'planned')
})

test('what was invalid is shown again once the cycle is back', () => {
  const assembly = shownPlan()
  assembly.invalidate()
  assert.deepEqual(assembly.screen, { shows: 'no-valid-data' })
  assembly.acceptPosition(POINT)
  assert.equal(assembly.acceptInfo(info(1)), 'shown')
})

test('where no plan was shown, silence changes nothing', () => {
  const assembly = new PlanAssembly()
  assembly.invalidate()
  assert.deepEqual(assembly.screen, { shows: 'no-plan' })
})
