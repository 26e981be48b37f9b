import { Given, Then, When } from '@cucumber/cucumber'
import type { BayId } from '../reference/domain/identifiers.js'
import type { Scenario } from './support/scenario.js'

Given('the driver has opened bay {bay} with the code', async function (this: Scenario, bay: BayId) {
  const stage = await this.stage()
  this.driver = await stage.driverInCar('phone')
  await stage.reserve(this.driver, bay)
  await stage.openWithCode(this.driver, bay)
})

Given('the car stands in bay {bay}', async function (this: Scenario, bay: BayId) {
  await (await this.stage()).park(bay)
})

When('the car leaves bay {bay}', async function (this: Scenario, bay: BayId) {
  await (await this.lockAt(bay)).vehicleLeaves()
})

When('the driver shows the code to the lock of bay {bay}', async function (this: Scenario, bay: BayId) {
  await (await this.stage()).showCode(this.driver, bay)
})

When(
  'the other driver shows their code to the lock of bay {bay}',
  async function (this: Scenario, bay: BayId) {
    await (await this.stage()).showCode(this.otherDriver, bay)
  },
)

When(
  'the driver shows a QR code of a web page to the lock of bay {bay}',
  async function (this: Scenario, bay: BayId) {
    const stage = await this.stage()
    await stage
      .lockAt(bay)
      .isShown(await stage.qrCodeOf('https://example.com/park?bay=B-17'), this.driver.device)
  },
)

Then('the same code does not open bay {bay} a second time', async function (this: Scenario, bay: BayId) {
  const stage = await this.stage()
  const lock = stage.lockAt(bay)
  await stage.closeByOperator(bay)
  await lock.startFromUp()
  await stage.showCode(this.driver, bay)
  await stage.lockSays(bay, 'code-scanned', ({ verdict }) => verdict === 'used')
  await lock.fence()
  await lock.hasStayed('up')
})

Then(
  'the code that the driver was sent no longer opens bay {bay}',
  async function (this: Scenario, bay: BayId) {
    const stage = await this.stage()
    await stage.showCode(this.driver, bay)
    await stage.lockSays(bay, 'code-scanned', ({ verdict }) => verdict === 'expired')
    await stage.lockAt(bay).fence()
    await stage.lockAt(bay).hasStayed('up')
  },
)

Then('the code that the driver was sent opens bay {bay}', async function (this: Scenario, bay: BayId) {
  await (await this.stage()).openWithCode(this.driver, bay)
})
