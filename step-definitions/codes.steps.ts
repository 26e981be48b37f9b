import assert from 'node:assert/strict'
import { Given, Then, When } from '@cucumber/cucumber'
import type { BayId } from '../reference/domain/identifiers.js'
import type { ScanVerdict } from '../reference/domain/unlock-code.js'
import { showGuesses } from '../rigs/bench/stage/guesses.js'
import { SETTLE_HARDWARE_MS } from '../rigs/bench/stage/lock-station.js'
import type { Person } from './support/parameter-types.js'
import type { Scenario } from './support/scenario.js'

Given('the driver has opened bay {bay} with the code', async function (this: Scenario, bay: BayId) {
  const stage = await this.stage()
  this.driver = await stage.driverInCar('phone')
  await stage.reserve(this.driver, bay)
  await stage.openWithCode(this.driver, bay)
})

Given('the operator has closed bay {bay}', async function (this: Scenario, bay: BayId) {
  const stage = await this.stage()
  await stage.closeByOperator(bay)
  await stage.lockAt(bay).startFromUp()
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

Given(
  'a sticker with a QR code of a web page beside the lens of the lock of bay {bay}',
  async function (this: Scenario, bay: BayId) {
    const stage = await this.stage()
    await stage.lockAt(bay).isStuckBeside(await stage.qrCodeOf('https://example.com/follow-the-car-park'))
  },
)

When(
  'the driver and the other driver show their codes to the lock of bay {bay} at once',
  async function (this: Scenario, bay: BayId) {
    const stage = await this.stage()
    const beside = await this.otherDriver.codePicture()
    await stage.lockAt(bay).isShown(await this.driver.codePicture(), this.driver.device, { beside })
  },
)

When(
  'the lock of bay {bay} is shown {person} code, and then {person}',
  async function (this: Scenario, bay: BayId, first: Person, second: Person) {
    const stage = await this.stage()
    for (const person of [first, second]) {
      await stage.showCode(this[person], bay)
      await stage.lockAt(bay).hardwarePasses(SETTLE_HARDWARE_MS)
    }
  },
)

When(
  'somebody shows {int} codes of their own making to the lock of bay {bay} within {int} seconds',
  async function (this: Scenario, times: number, bay: BayId, seconds: number) {
    await showGuesses(await this.stage(), bay, times, seconds * 1_000)
  },
)

Then(
  'the lock of bay {bay} reads a misread code once, and a fresh one',
  async function (this: Scenario, bay: BayId) {
    const stage = await this.stage()
    await stage.lockAt(bay).fence()
    const scanned = stage.lockEvents('code-scanned', bay).map(({ verdict }) => verdict)
    assert.deepEqual(scanned, ['misread', 'fresh'])
  },
)

Then(
  'the lock of bay {bay} reads {int} foreign codes and looks at none of the other {int}',
  async function (this: Scenario, bay: BayId, judged: number, unseen: number) {
    const scanned = (await this.stage()).lockEvents('code-scanned', bay).map(({ verdict }) => verdict)
    assert.deepEqual(scanned, [
      ...Array.from({ length: judged }, () => 'foreign'),
      ...Array.from({ length: unseen }, () => 'throttled'),
    ])
  },
)

Then(
  'the lock of bay {bay} tells later of {verdict} code, then a fresh one that moved the bolt',
  async function (this: Scenario, bay: BayId, verdict: ScanVerdict) {
    const stage = await this.stage()
    const told = () =>
      stage
        .lockEvents()
        .flatMap((event) =>
          event.type === 'code-scanned' ? event.verdict : event.type === 'bolt-changed' ? event.bolt : [],
        )
    const before = told()
    const sawTheScan = stage.lockEvents('code-scanned').length > 0
    assert.ok(!sawTheScan, 'the platform has heard of it already: the network was not cut')
    stage.lockAt(bay).regainNetwork()
    await stage.lockSays(bay, 'bolt-changed', ({ bolt }) => bolt === 'down')
    assert.deepEqual(told().slice(before.length), [verdict, 'fresh', 'moving', 'down'])
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
