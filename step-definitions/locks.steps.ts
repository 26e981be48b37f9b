import assert from 'node:assert/strict'
import { Given, Then, When } from '@cucumber/cucumber'
import type { AlertKind, LockReport, Reservation } from '../reference/contracts/platform-api.js'
import { distanceMetres, wgs84 } from '../reference/domain/coordinates.js'
import type { ComparatorReading } from '../reference/domain/comparator.js'
import type { BayId } from '../reference/domain/identifiers.js'
import { SETTLE_HARDWARE_MS } from '../rigs/bench/stage/lock-station.js'
import type { Scenario } from './support/scenario.js'

Given(
  'the lock of bay {bay} compares with its {word} coordinates',
  async function (this: Scenario, bay: BayId, comparatorReading: ComparatorReading) {
    const stage = await this.stage()
    const report = await stage.operator.command(stage.bay(bay).lockId, {
      type: 'configure',
      comparatorReading,
    })
    assert.equal(report.outcome, 'done')
  },
)

Given(
  "an operator's unlock command for bay {bay} that is held up on its way",
  async function (this: Scenario, bay: BayId) {
    const stage = await this.stage()
    const lock = stage.lockAt(bay)
    lock.loseNetwork()
    await stage.untilOffline(bay)
    const answer = stage.operator.command(lock.lockId, { type: 'unlock', expiresInSeconds: 30 })
    answer.catch(() => undefined) // judged when the command has arrived
    this.found.set('answer', answer)
    await stage.lockWasSent(bay, 'unlock')
  },
)

Given("the command's life is over", async function (this: Scenario) {
  await (await this.stage()).clock.advance(31_000)
})

Given('the lock of bay {bay} has lost the platform', async function (this: Scenario, bay: BayId) {
  ;(await this.lockAt(bay)).loseNetwork()
  await (await this.stage()).untilOffline(bay)
})

When('the command arrives at the lock of bay {bay}', async function (this: Scenario, bay: BayId) {
  ;(await this.lockAt(bay)).regainNetwork()
})

When('the operator orders the lock of bay {bay} to close', async function (this: Scenario, bay: BayId) {
  const stage = await this.stage()
  this.found.set('answer', stage.operator.command(stage.bay(bay).lockId, { type: 'lock' }))
})

Then('the lock of bay {bay} refuses the command as expired', async function (this: Scenario, _bay: BayId) {
  const { outcome, reason } = (await this.found.get('answer')) as LockReport
  assert.deepEqual({ outcome, reason }, { outcome: 'refused', reason: 'expired' })
})

Then('the lock of bay {bay} refuses because of the car', async function (this: Scenario, _bay: BayId) {
  const { outcome, reason } = (await this.found.get('answer')) as LockReport
  assert.deepEqual({ outcome, reason }, { outcome: 'refused', reason: 'vehicle-present' })
})

Then(
  'the lock of bay {bay} accepts the reservation by its {word} coordinates',
  async function (this: Scenario, bay: BayId, reading: ComparatorReading) {
    const event = await (await this.stage()).lockSays(bay, 'reservation-accepted')
    assert.equal(event.comparatorReading, reading)
  },
)

Then('only then it asks for an unlock code', async function (this: Scenario) {
  const stage = await this.stage()
  const { reservationId } = this.found.get('reservation') as Reservation
  await stage.lockSays(undefined, 'code-stored')
  const said = stage
    .lockEvents()
    .filter((event) => 'reservationId' in event && event.reservationId === reservationId)
  assert.deepEqual(said.map(({ type }) => type).slice(0, 2), [
    'reservation-accepted',
    'unlock-code-requested',
  ])
})

Given(
  'the GPS unit of bay {bay} reports a place {int} metres away',
  async function (this: Scenario, bay: BayId, metres: number) {
    const stage = await this.stage()
    const elsewhere = stage.northOf(bay, metres)
    await stage.lockAt(bay).misplaceGps(metres)
    await stage.lockSays(
      bay,
      'gps-fix',
      ({ location }) => Math.abs(location.latitude - elsewhere.latitude) < 2e-4,
    )
    await stage.lockAt(bay).fence()
  },
)

Then('the lock of bay {bay} accepts the reservation', async function (this: Scenario, bay: BayId) {
  await (await this.stage()).lockSays(bay, 'reservation-accepted')
})

Then('the lock of bay {bay} refuses the reservation', async function (this: Scenario, bay: BayId) {
  const event = await (await this.stage()).lockSays(bay, 'reservation-refused')
  assert.equal(event.reason, 'coordinates-differ')
})

Then('the lock of bay {bay} has not asked for an unlock code', async function (this: Scenario, bay: BayId) {
  await (await this.lockAt(bay)).fence()
  const asked = (await this.stage()).lockEvents().filter(({ type }) => type === 'unlock-code-requested')
  assert.deepEqual(asked, [])
})

Then('the operator sees {alert} at bay {bay}', async function (this: Scenario, kind: AlertKind, bay: BayId) {
  const stage = await this.stage()
  await stage.lockSays(bay, kind === 'coordinates-refused' ? 'reservation-refused' : 'code-scanned')
  await stage.lockAt(bay).fence()
  const alerts = await stage.alerts()
  assert.ok(
    alerts.some((alert) => alert.kind === kind && alert.bayId === bay),
    `no ${kind} among ${JSON.stringify(alerts.map(({ kind, bayId }) => `${kind} at ${bayId}`))}`,
  )
})

Then('the lock of bay {bay} reads an expired code', async function (this: Scenario, bay: BayId) {
  const stage = await this.stage()
  const lock = stage.lockAt(bay)
  await lock.hardwarePasses(SETTLE_HARDWARE_MS)
  await lock.hasStayed('up')
  lock.regainNetwork()
  const event = await stage.lockSays(bay, 'code-scanned')
  assert.equal(event.verdict, 'expired')
})

Then('the bolt of bay {bay} goes down', async function (this: Scenario, bay: BayId) {
  await (await this.lockAt(bay)).reaches('down')
})

Then('the bolt of bay {bay} goes up', async function (this: Scenario, bay: BayId) {
  await (await this.lockAt(bay)).reaches('up')
})

Then('the bolt of bay {bay} stays {word}', async function (this: Scenario, bay: BayId, end: 'up' | 'down') {
  const lock = await this.lockAt(bay)
  const report = await lock.fence()
  assert.equal(report.bolt, end)
  await lock.hasStayed(end)
})

Then(
  'the platform holds a fix of the lock of bay {bay} within {int} metres of the bay',
  async function (this: Scenario, bay: BayId, metres: number) {
    const stage = await this.stage()
    await stage.lockSays(bay, 'gps-fix')
    await stage.lockAt(bay).fence()
    const { lastFix, location } = await stage.operator.space(bay)
    assert.ok(lastFix, 'the platform holds no fix')
    const off = distanceMetres(
      wgs84(lastFix.location.latitude, lastFix.location.longitude),
      wgs84(location.latitude, location.longitude),
    )
    assert.ok(off <= metres, `the fix is ${off.toFixed(1)} m away`)
    assert.notEqual(off, 0, 'a fix that is exactly the surveyed position does not come from a receiver')
  },
)
