import assert from 'node:assert/strict'
import { Given, Then, When } from '@cucumber/cucumber'
import type { OperatorCommand } from '../reference/contracts/platform-api.js'
import type { LockFault } from '../reference/contracts/lock-link.js'
import type { BayId } from '../reference/domain/identifiers.js'
import type { Scenario } from './support/scenario.js'

async function order(scenario: Scenario, bay: BayId, type: OperatorCommand['type']) {
  const stage = await scenario.stage()
  return stage.operator.command(stage.bay(bay).lockId, { type })
}

Given('something blocks the way of the bolt of bay {bay}', async function (this: Scenario, bay: BayId) {
  await (await this.lockAt(bay)).goesWrong({ kind: 'jam', degrees: 60 })
})

Given('the operator has opened bay {bay}', async function (this: Scenario, bay: BayId) {
  assert.equal((await order(this, bay, 'unlock')).outcome, 'done')
})

Given('a car drives over the bolt of bay {bay} while it rises', async function (this: Scenario, bay: BayId) {
  await (await this.lockAt(bay)).goesWrong({ kind: 'vehicle-mid-rise', degrees: 60 })
})

When('the operator orders the lock of bay {bay} to open', async function (this: Scenario, bay: BayId) {
  this.found.set('answer', order(this, bay, 'unlock'))
})

When('somebody pushes the bolt of bay {bay} down', async function (this: Scenario, bay: BayId) {
  await (await this.lockAt(bay)).goesWrong({ kind: 'forced-arm', degrees: 50 })
})

When('somebody opens the housing of the lock of bay {bay}', async function (this: Scenario, bay: BayId) {
  await (await this.lockAt(bay)).goesWrong({ kind: 'tampered' })
})

When('the battery of the lock of bay {bay} runs empty', async function (this: Scenario, bay: BayId) {
  await (await this.lockAt(bay)).goesWrong({ kind: 'battery-charge', charge: 0.02 })
})

When('both limit switches of the lock of bay {bay} say closed', async function (this: Scenario, bay: BayId) {
  await (await this.lockAt(bay)).goesWrong({ kind: 'both-limits' })
})

Then(
  'the operator sees {lockFault} at the lock of bay {bay}',
  async function (this: Scenario, fault: LockFault, bay: BayId) {
    const stage = await this.stage()
    await stage.lockSays(bay, 'fault', (event) => event.fault === fault)
    await stage.lockStatus(bay, ({ faults }) => faults?.includes(fault) === true)
    await stage.lockAt(bay).fence()
    const { lock, lockHealth } = await stage.operator.space(bay)
    assert.equal(lockHealth, 'fault')
    assert.ok(lock?.faults?.includes(fault), `the platform shows ${JSON.stringify(lock)}`)
    const alerts = await stage.alerts()
    const told = alerts.some(
      ({ kind, bayId, detail }) => kind === 'lock-fault' && bayId === bay && detail?.startsWith(fault),
    )
    assert.ok(told, `no alert of ${fault}`)
  },
)

Then(
  'the bolt of bay {bay} stands between its ends, without power',
  async function (this: Scenario, bay: BayId) {
    const { bolt, supplied, currentAmps } = await (await this.lockAt(bay)).observe()
    assert.deepEqual({ bolt, supplied, currentAmps }, { bolt: 'between', supplied: false, currentAmps: 0 })
  },
)

Then('the bolt of bay {bay} goes up once nobody pushes it', async function (this: Scenario, bay: BayId) {
  const lock = await this.lockAt(bay)
  await lock.isMended()
  await lock.reaches('up')
  await (await this.stage()).lockStatus(bay, ({ state, faults }) => state === 'up' && faults?.length === 0)
})

Then(
  'the lock of bay {bay} opens only after the housing is closed and the lock re-armed',
  async function (this: Scenario, bay: BayId) {
    assert.equal((await order(this, bay, 'unlock')).reason, 'safe')
    assert.equal((await order(this, bay, 'rearm')).reason, 'fault')
    await (await this.lockAt(bay)).isMended()
    assert.equal((await order(this, bay, 'unlock')).reason, 'safe')
    assert.equal((await order(this, bay, 'rearm')).outcome, 'done')
    assert.equal((await order(this, bay, 'unlock')).outcome, 'done')
  },
)

Then(
  'the lock of bay {bay} refuses to close until its battery is changed',
  async function (this: Scenario, bay: BayId) {
    assert.equal((await order(this, bay, 'lock')).reason, 'battery-critical')
    await (await this.lockAt(bay)).isMended()
    await (await this.stage()).lockStatus(bay, ({ battery }) => battery === 'charged')
    assert.equal((await order(this, bay, 'lock')).outcome, 'done')
  },
)

Then('the lock of bay {bay} refuses to open', async function (this: Scenario, bay: BayId) {
  assert.equal((await order(this, bay, 'unlock')).reason, 'fault')
})
