import assert from 'node:assert/strict'
import { Then, When } from '@cucumber/cucumber'
import type { BayId } from '../reference/domain/identifiers.js'
import type { Scenario } from './support/scenario.js'

When(
  'the board of bay {bay} loses power while the bolt travels',
  async function (this: Scenario, bay: BayId) {
    const cut = (await this.lockAt(bay)).losesPowerInTravel()
    await (await this.stage()).showCode(this.driver, bay)
    await cut
  },
)

When('the battery of the lock of bay {bay} is swapped', async function (this: Scenario, bay: BayId) {
  await (await this.lockAt(bay)).swapBattery()
})

Then('the lock of bay {bay} reports its bolt as unknown', async function (this: Scenario, bay: BayId) {
  await (await this.stage()).lockStatus(bay, ({ bolt, fault }) => bolt === 'unknown' && fault === 'link-lost')
})

Then('the bolt of bay {bay} stands between its ends', async function (this: Scenario, bay: BayId) {
  assert.equal((await (await this.lockAt(bay)).observe()).bolt, 'between')
})

Then(
  'with power back the lock of bay {bay} finishes the opening',
  async function (this: Scenario, bay: BayId) {
    const lock = await this.lockAt(bay)
    await lock.regainPower()
    await lock.reaches('down')
    const status = await (await this.stage()).lockStatus(bay, ({ online, bolt }) => online && bolt === 'down')
    assert.equal(status.fault, undefined)
  },
)

Then('the lock of bay {bay} comes back with its reservation', async function (this: Scenario, bay: BayId) {
  const stage = await this.stage()
  const { bootCount } = await stage.lockStatus(bay, ({ online, bolt }) => online && bolt === 'up')
  assert.ok(bootCount > 1)
  const report = await stage.lockAt(bay).fence()
  assert.ok(report.reservationId, 'the lock has forgotten its reservation')
})
