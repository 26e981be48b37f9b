import assert from 'node:assert/strict'
import { Given, Then, When } from '@cucumber/cucumber'
import type { BayId } from '../reference/domain/identifiers.js'
import type { PushMode } from '../rigs/bench/profile-schema.js'
import type { Scenario } from './support/scenario.js'

Given('a driver who follows the account', async function (this: Scenario) {
  this.driver = await (await this.stage()).newDriver('phone')
  await this.driver.follow()
})

Given('a driver who follows the account from the car', async function (this: Scenario) {
  this.driver = await (await this.stage()).driverInCar('phone')
})

Given('a driver with a tablet who follows the account from the car', async function (this: Scenario) {
  this.driver = await (await this.stage()).driverInCar('tablet')
})

Given('two drivers who follow the account', async function (this: Scenario) {
  const stage = await this.stage()
  this.driver = await stage.newDriver('phone')
  this.otherDriver = await stage.newDriver('phone')
  await Promise.all([this.driver.follow(), this.otherDriver.follow()])
})

Given('WeChat delivers every message {int} times', async function (this: Scenario, times: number) {
  await (await this.stage()).phones.repeatDeliveries(times)
})

Given('WeChat encrypts its pushes in {pushMode} mode', function (this: Scenario, mode: PushMode) {
  this.options.pushMode = mode
})

Given('WeChat has ended the access token of the account', async function (this: Scenario) {
  await (await this.stage()).phones.revokeTokens()
})

When('the driver taps {string} in the menu', async function (this: Scenario, button: string) {
  await (await this.stage()).menuPublished(this.driver)
  await this.driver.taps(button)
})

When('the driver sends the map location of bay {bay}', async function (this: Scenario, bay: BayId) {
  await this.driver.sendsLocation((await this.stage()).mapPosition(bay), '我在这里')
})

When('the driver writes {string}', async function (this: Scenario, text: string) {
  await this.driver.writes(text)
})

When('the driver asks for the state of bay {bay}', async function (this: Scenario, bay: BayId) {
  await this.driver.writes(`状态 ${bay}`)
})

Then('the account tells the driver about bay {bay}', async function (this: Scenario, bay: BayId) {
  await this.driver.hears(`the plan for ${bay}`, ({ text }) => !!text?.includes(`已为您预约车位 ${bay}`))
})

Then('the account answers how to ask', async function (this: Scenario) {
  await this.driver.hears('how to ask', ({ text }) => /目的地.*预约.*状态/s.test(text ?? ''))
})

Then('the account tells the driver that the reservation has expired', async function (this: Scenario) {
  await this.driver.hears('the end of the hold', ({ text }) => /已过期/.test(text ?? ''))
})

Then(
  'the account says of the bay: occupancy {string}, reservation {string}, bolt {string}',
  async function (this: Scenario, occupancy: string, reservation: string, bolt: string) {
    const { text } = await this.driver.hears('the state', ({ text }) => !!text?.startsWith('车位'))
    for (const line of [`占用：${occupancy}`, `预约：${reservation}`, `锁栓：${bolt}`]) {
      assert.ok(text?.includes(line), `"${line}" is not in what the account says:\n${text}`)
    }
  },
)

Then('the driver receives an unlock code as a QR code', async function (this: Scenario) {
  const read = await (await this.stage()).readPicture(await this.driver.codePicture())
  assert.equal(read?.symbology, 'qr')
})

Then('the driver is sent the same unlock code again', async function (this: Scenario) {
  const stage = await this.stage()
  const before = await stage.readPicture(await this.driver.codePicture())
  const again = await stage.readPicture(await this.driver.receivesCode())
  assert.ok(before)
  assert.equal(again?.text, before.text)
})

Then('the driver was sent a barcode', async function (this: Scenario) {
  const read = await (await this.stage()).readPicture(await this.driver.codePicture())
  assert.equal(read?.symbology, 'code128')
})
