import assert from 'node:assert/strict'
import { Given, Then, When } from '@cucumber/cucumber'
import type { PlanState } from '../reference/contracts/vehicle-link.js'
import type { BayId } from '../reference/domain/identifiers.js'
import type { BusFault } from '../rigs/bench/stage/bus-faults.js'
import type { Scenario } from './support/scenario.js'

Given("the head unit misses the frames that carry the bay's label", async function (this: Scenario) {
  ;(await this.stage()).car.missLabels()
})

Given('the head unit shows the plan of bay {bay}', async function (this: Scenario, bay: BayId) {
  const stage = await this.stage()
  this.driver = await stage.driverInCar('phone')
  await this.driver.sendsLocation(stage.mapPosition(bay), '国贸')
  await stage.car.shows(stage.bay(bay), 'reserved')
})

When(
  '{busFault} comes between the T-BOX and the head unit once',
  async function (this: Scenario, fault: BusFault) {
    ;(await this.stage()).car.disturbOnce(fault)
  },
)

When(
  '{busFault} comes between the T-BOX and the head unit for good',
  async function (this: Scenario, fault: BusFault) {
    ;(await this.stage()).car.disturb(fault)
  },
)

When('the fault is over', async function (this: Scenario) {
  ;(await this.stage()).car.mend()
})

When('the T-BOX falls silent', async function (this: Scenario) {
  await (await this.stage()).car.silenceTBox()
})

Then(
  'the head unit shows the plan for bay {bay} as {word}',
  async function (this: Scenario, bay: BayId, state: PlanState) {
    const stage = await this.stage()
    await stage.car.shows(stage.bay(bay), state)
  },
)

Then('the head unit still shows the plan for bay {bay}', async function (this: Scenario, bay: BayId) {
  const stage = await this.stage()
  await stage.car.keepsShowing(stage.bay(bay))
})

Then('the head unit tells that fault as {string}', async function (this: Scenario, fault: string) {
  await (await this.stage()).car.tells(fault)
})

Then('the head unit shows no plan', async function (this: Scenario) {
  const stage = await this.stage()
  await stage.settled()
  stage.car.showsNoPlan()
})

Then('the head unit says that it has no valid data', async function (this: Scenario) {
  await (await this.stage()).car.saysNoValidData()
})

Then('the T-BOX reports that the plan could not be shown', async function (this: Scenario) {
  const stage = await this.stage()
  await stage.tBoxSays('plan-failed')
  assert.deepEqual(stage.vehicleEvents('plan-shown'), [], 'the T-BOX calls a plan shown that is not')
})

Then('the head unit confirms every cycle of the bus', async function (this: Scenario) {
  await (await this.stage()).car.confirmsCycles(2)
})
