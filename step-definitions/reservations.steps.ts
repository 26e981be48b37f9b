import assert from 'node:assert/strict'
import { Given, Then, When } from '@cucumber/cucumber'
import type { Reservation, ReservationRequest } from '../reference/contracts/platform-api.js'
import { bayId as parseBayId, type BayId } from '../reference/domain/identifiers.js'
import { distanceMetres, wgs84 } from '../reference/domain/coordinates.js'
import type { Scenario } from './support/scenario.js'

Given('the driver has reserved bay {bay}', async function (this: Scenario, bay: BayId) {
  this.driver = await (await this.stage()).driverInCar('phone')
  await (await this.stage()).reserve(this.driver, bay)
})

Given('a driver who wants barcodes has reserved bay {bay}', async function (this: Scenario, bay: BayId) {
  const stage = await this.stage()
  this.driver = await stage.driverInCar('phone')
  await this.driver.writes('条形码')
  await this.driver.hears('the symbology', ({ text }) => !!text?.includes('条形码'))
  await stage.reserve(this.driver, bay)
})

Given('another driver has reserved bay {bay}', async function (this: Scenario, bay: BayId) {
  const stage = await this.stage()
  this.otherDriver = await stage.newDriver('phone')
  await this.otherDriver.follow()
  await stage.reserve(this.otherDriver, bay)
})

Given('the driver has given back bay {bay}, and kept the code', async function (this: Scenario, bay: BayId) {
  const stage = await this.stage()
  this.driver = await stage.driverInCar('phone')
  await stage.reserve(this.driver, bay)
  await this.driver.writes('取消')
  await this.driver.hears('the end of the reservation', ({ text }) => !!text?.includes('预约已取消'))
  await stage.untilFree(bay)
})

Given('every bay but {bay} is taken', async function (this: Scenario, left: BayId) {
  const stage = await this.stage()
  const others = stage.bays.filter(({ bayId }) => bayId !== left)
  await Promise.all(
    others.map(async ({ bayId }) => {
      const taker = await stage.newDriver('phone')
      await taker.follow()
      await stage.reserve(taker, parseBayId(bayId))
    }),
  )
})

Given('bay {bay} is one that nobody has taken', async function (this: Scenario, bay: BayId) {
  const space = await (await this.stage()).operator.space(bay)
  assert.equal(space.reservation, 'none')
})

Given('bay {bay} is one that another has booked', async function (this: Scenario, bay: BayId) {
  const stage = await this.stage()
  this.otherDriver = await stage.newDriver('phone')
  await this.otherDriver.follow()
  await stage.reserve(this.otherDriver, bay)
})

Given('bay {bay} is one that another stands in', async function (this: Scenario, bay: BayId) {
  const stage = await this.stage()
  this.otherDriver = await stage.newDriver('phone')
  await this.otherDriver.follow()
  await stage.reserve(this.otherDriver, bay)
  await stage.openWithCode(this.otherDriver, bay)
  await stage.park(bay)
})

When('both drivers ask for bay {bay} at the same moment', async function (this: Scenario, bay: BayId) {
  const stage = await this.stage()
  stage.raceForReservation(2)
  const place = stage.mapPosition(bay)
  await Promise.all([this.driver, this.otherDriver].map((driver) => driver.sendsLocation(place, '国贸')))
})

When(
  'the platform is asked to reserve bay {bay} at its own coordinates',
  async function (this: Scenario, bay: BayId) {
    const stage = await this.stage()
    this.found.set('reservation', await stage.cloudDesk.reserve(stage.request(bay), stage.newId()))
  },
)

When(
  'the platform is asked to reserve bay {bay} at coordinates {int} metres away',
  async function (this: Scenario, bay: BayId, metres: number) {
    const stage = await this.stage()
    const request: ReservationRequest = { ...stage.request(bay), location: stage.northOf(bay, metres) }
    this.found.set('reservation', await stage.cloudDesk.reserve(request, stage.newId()))
  },
)

Given('the hold of bay {bay} has run out', holdRunsOut)
When('the hold of bay {bay} runs out', holdRunsOut)
async function holdRunsOut(this: Scenario, _bay: BayId) {
  await (await this.stage()).holdRunsOut()
}

Then('exactly one of them receives an unlock code', async function (this: Scenario) {
  const outcomes = await Promise.all(
    [this.driver, this.otherDriver].map(async (driver) => ({
      driver,
      last: await driver.hears(
        'a code or a refusal',
        ({ kind, text }) => kind === 'image' || saysNoSpace(text),
      ),
    })),
  )
  const winners = outcomes.filter(({ last }) => last.kind === 'image')
  assert.equal(winners.length, 1, `${winners.length} drivers were sent a code`)
  this.found.set('loser', outcomes.find(({ last }) => last.kind !== 'image')?.last.text)
})

Then('the other one is told that there is no space', function (this: Scenario) {
  assert.ok(saysNoSpace(this.found.get('loser') as string | undefined))
})

const saysNoSpace = (text: string | undefined) => /没有空车位|都被预约|不能预约/.test(text ?? '')

Then('the platform has granted bay {bay} once', async function (this: Scenario, bay: BayId) {
  const stage = await this.stage()
  const asked = stage
    .requestsForReservations()
    .filter(({ body }) => (body as ReservationRequest).bayId === bay)
  assert.equal(asked.length, 2, 'the two requests did not meet at the platform: there was no race')
  const granted = stage.answersToReservations().filter(({ body }) => (body as Reservation).bayId === bay)
  assert.equal(granted.length, 1, `${bay} was granted ${granted.length} times`)
})

Then('the cloud has acted on the message once', async function (this: Scenario) {
  const stage = await this.stage()
  await stage.settled()
  assert.ok(stage.pushes('location').length >= 3, 'WeChat has not repeated its push')
  const answers = stage.answersToPushes('location').map(({ body }) => body)
  assert.ok(answers.length >= 3)
  assert.equal(
    new Set(answers).size,
    1,
    'a repeated message was acted on: it was answered otherwise than the first',
  )
  const [request, ...more] = stage.requestsForReservations()
  assert.deepEqual(more, [], 'a repeated message was acted on: the space was asked for again')
  const { bayId } = request?.body as ReservationRequest
  const { messages } = await this.driver.conversation()
  const said = messages.filter(({ from }) => from === 'account')
  const codes = said.filter(({ kind }) => kind === 'image')
  assert.equal(codes.length, 1, `the driver was sent ${codes.length} codes`)
  const plans = said.filter(({ text }) => text?.includes(`已为您预约车位 ${bayId}`))
  assert.equal(plans.length, 1, `the driver was told ${plans.length} times that ${bayId} is theirs`)
})

Then(
  'the platform holds a reservation of bay {bay} with its coordinates',
  async function (this: Scenario, bay: BayId) {
    const stage = await this.stage()
    const asked = stage.requestsForReservations().at(-1)?.body as ReservationRequest | undefined
    assert.deepEqual(asked?.location, stage.bay(bay).location)
    assert.notEqual((await stage.operator.space(bay)).reservation, 'none')
  },
)

Then('bay {bay} is free for the next driver', async function (this: Scenario, bay: BayId) {
  const stage = await this.stage()
  await stage.untilFree(bay)
  const next = await stage.newDriver('phone')
  await next.follow()
  await stage.reserve(next, bay)
})

Given(
  'bay {bay} stands where the map shows bay {bay} if the datums are mixed up',
  async function (this: Scenario, decoy: BayId, bay: BayId) {
    const stage = await this.stage()
    const shown = stage.mapPosition(bay)
    const { latitude, longitude } = stage.bay(decoy).location
    const off = distanceMetres(wgs84(shown.latitude, shown.longitude), wgs84(latitude, longitude))
    assert.ok(
      off < 10,
      `${decoy} is ${off.toFixed(0)} m away from there: the profile no longer sets the trap`,
    )
    assert.equal((await stage.operator.space(decoy)).lockHealth, 'ok')
  },
)
