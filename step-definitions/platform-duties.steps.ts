import assert from 'node:assert/strict'
import { Given, Then, When } from '@cucumber/cucumber'
import { distanceMetres, wgs84 } from '../reference/domain/coordinates.js'
import type { BayId } from '../reference/domain/identifiers.js'
import type { LockCommand } from '../reference/contracts/lock-link.js'
import type { PlatformEvent, Problem, Reservation } from '../reference/contracts/platform-api.js'
import {
  isWholeCode,
  lockCommands,
  newsOf,
  playStay,
  reserveAt,
  seenTimes,
  STAY,
} from '../rigs/bench/stage/platform-duties.js'
import { everyRequest } from '../rigs/bench/stage/refused-requests.js'
import { readPages, type ListedSpaces } from '../rigs/bench/stage/read-pages.js'
import type { Scenario } from './support/scenario.js'

const reservationOf = (scenario: Scenario) => scenario.found.get('reservation') as Reservation

Given('the news of the next code is lost, and then the answer to it', async function (this: Scenario) {
  const { partyWires } = await this.stage()
  partyWires.disturbNews('lost', 'code-issued')
  partyWires.disturbNews('answer-lost', 'code-issued')
})

Then('the platform has sent the news of the code until it was confirmed', async function (this: Scenario) {
  const stage = await this.stage()
  const sent = await seenTimes(
    stage,
    'the news of the code from the platform, three times',
    3,
    ({ wire, from, body }) => {
      return wire === 'webhook' && from === 'platform' && (body as PlatformEvent).type === 'code-issued'
    },
  )
  const [first, ...again] = sent.map(({ body }) => body)
  for (const body of again) assert.deepEqual(body, first, 'the platform made other news of it')
})

Then('the driver receives an unlock code once', async function (this: Scenario) {
  await this.driver.receivesCode()
  await (await this.stage()).settled()
  const { messages } = await this.driver.conversation()
  const codes = messages.filter(({ from, kind }) => from === 'account' && kind === 'image')
  assert.equal(codes.length, 1, `the cloud has sent the driver ${codes.length} codes`)
})

Given('everything that the lock of bay {bay} says comes twice', async function (this: Scenario, bay: BayId) {
  const stage = await this.stage()
  stage.partyWires.disturbDevice(stage.bay(bay).lockId, 'events', 'doubled', undefined, Infinity)
})

Given('the platform has reserved bay {bay} and sent its code', async function (this: Scenario, bay: BayId) {
  const { key, reservation } = await reserveAt(await this.stage(), bay)
  this.found.set('earlier', reservationOf(this))
  this.found.set('key', key)
  this.found.set('reservation', reservation)
})

Given('the platform has taken back that reservation', async function (this: Scenario) {
  await (await this.stage()).operator.endReservation(reservationOf(this).reservationId)
})

Given('the platform has taken back a reservation of bay {bay}', async function (this: Scenario, bay: BayId) {
  const stage = await this.stage()
  const { reservationId } = await stage.cloudDesk.reserve(stage.request(bay), stage.newId())
  await stage.partyWires.deviceHolds(stage.bay(bay).lockId, 2)
  await stage.operator.endReservation(reservationId)
  await stage.lockWasSent(bay, 'cancel')
})

When(
  'the lock of bay {bay} reports an opening, a car and its leaving, each twice',
  async function (this: Scenario, bay: BayId) {
    await playStay(await this.stage(), bay, reservationOf(this).reservationId)
  },
)

Then(
  'the cloud has heard of the stay in bay {bay} step by step',
  async function (this: Scenario, _bay: BayId) {
    const stage = await this.stage()
    const { reservationId } = reservationOf(this)
    await seenTimes(stage, 'the news of the end of the stay', 1, ({ wire, body }) => {
      const news = body as Partial<PlatformEvent> | undefined
      return (
        wire === 'webhook' && news?.type === 'reservation-completed' && news.reservationId === reservationId
      )
    })
    assert.deepEqual(
      newsOf(stage, reservationId).map(({ type }) => type),
      STAY,
    )
  },
)

When(
  'the platform is asked twice for bay {bay} with the same key',
  async function (this: Scenario, bay: BayId) {
    const stage = await this.stage()
    const request = stage.request(bay)
    const key = stage.newId()
    const first = await stage.cloudDesk.reserve(request, key)
    const again = await Promise.all([1, 2].map(() => stage.cloudDesk.reserve(request, key)))
    this.found.set('answers', [first, ...again])
  },
)

Then('both answers name the same reservation', function (this: Scenario) {
  const named = new Set((this.found.get('answers') as Reservation[]).map((one) => one.reservationId))
  assert.equal(named.size, 1, `the platform made ${named.size} reservations of one request`)
})

Then('the lock of bay {bay} was sent that reservation alone', async function (this: Scenario, bay: BayId) {
  const stage = await this.stage()
  await stage.operator.command(stage.bay(bay).lockId, { type: 'report' })
  const orders = lockCommands(stage, bay, 'reserve')
  assert.equal(new Set(orders.map(({ id }) => id)).size, 1, 'the lock was sent more than one reservation')
})

When('the platform is asked for bay {bay} with the same key', async function (this: Scenario, bay: BayId) {
  const stage = await this.stage()
  const answer = await stage.partyWires.askPlatform('POST', '/v1/reservations', {
    authorization: `Bearer ${stage.secrets.cloudToken}`,
    body: stage.request(bay),
    headers: { 'idempotency-key': this.found.get('key') as string },
  })
  this.found.set('answer', answer)
})

Then('the platform refuses the key as used', function (this: Scenario) {
  const { status, body } = this.found.get('answer') as { status: number; body?: Partial<Problem> }
  assert.deepEqual(
    [status, body?.error],
    [422, 'idempotency-key-reused'],
    'the platform has not refused the key',
  )
})

When('every request of the contract comes without the token that it needs', async function (this: Scenario) {
  const bay = reservationOf(this).bayId as BayId
  const stage = await this.stage()
  this.found.set('before', await stage.operator.space(bay))
  this.found.set('commands', lockCommands(stage, bay).length)
  this.found.set('asked', await everyRequest(stage, bay, reservationOf(this).reservationId))
})

Then('the platform refuses them all', function (this: Scenario) {
  const asked = this.found.get('asked') as { request: string; status: number; error?: string }[]
  const accepted = asked.filter(({ status, error }) => status !== 401 || error !== 'unauthorised')
  assert.deepEqual(accepted, [], 'the platform has not refused these as 401 unauthorised')
})

Then('nothing has changed at bay {bay}', async function (this: Scenario, bay: BayId) {
  const stage = await this.stage()
  const { lastFix: _then, lock: _before, ...before } = this.found.get('before') as Record<string, unknown>
  const {
    lastFix: _now,
    lock: _after,
    ...now
  } = (await stage.operator.space(bay)) as unknown as Record<string, unknown>
  assert.deepEqual(now, before, 'the platform has let such a request change the bay')
  assert.equal(lockCommands(stage, bay).length, this.found.get('commands'), 'the lock was sent a command')
})

Given('what the lock of bay {bay} says is held up on its way', async function (this: Scenario, bay: BayId) {
  const { lockId } = (await this.stage()).bay(bay)
  for (const type of ['reservation-accepted', 'unlock-code-requested']) {
    ;(await this.stage()).partyWires.disturbDevice(lockId, 'events', 'held', type)
  }
})

When('the lock of bay {bay} is heard', async function (this: Scenario, bay: BayId) {
  const stage = await this.stage()
  stage.partyWires.releaseDevice(stage.bay(bay).lockId)
  await stage.lockSays(bay, 'unlock-code-requested')
})

Then('no code goes out for bay {bay}', async function (this: Scenario, bay: BayId) {
  const stage = await this.stage()
  // A fence: what the platform was to send before has been sent when its report comes back.
  await stage.operator.command(stage.bay(bay).lockId, { type: 'report' })
  assert.equal(lockCommands(stage, bay, 'unlock-code').length, 0, 'the platform has sent the lock a code')
  assert.equal(lockCommands(stage, bay, 'unlock-key').length, 0, 'the platform has sent the lock a key')
  const news = newsOf(stage).filter(({ type, bayId }) => type === 'code-issued' && bayId === bay)
  assert.equal(news.length, 0, 'the platform has sent the cloud a code')
})

Then('a code goes out once the lock of bay {bay} is heard', async function (this: Scenario, bay: BayId) {
  const stage = await this.stage()
  await stage.partyWires.deviceHolds(stage.bay(bay).lockId, 2)
  stage.partyWires.releaseDevice(stage.bay(bay).lockId)
  await stage.lockWasSent(bay, 'unlock-code')
})

Then('both codes are whole, and differ', async function (this: Scenario) {
  const stage = await this.stage()
  const ids = [this.found.get('earlier') as Reservation, reservationOf(this)].map((one) => one.reservationId)
  const codes = ids.map((id) => newsOf(stage, id).find(({ type }) => type === 'code-issued')?.code ?? '')
  for (const code of codes) assert.ok(isWholeCode(code), 'a code has wrong check digits')
  assert.ok(codes[0] !== codes[1], 'the platform has given the same code twice')
})

Given(
  /^the next (reserve|unlock-code) command to the lock of bay ([A-Z]-\d+) is lost on its way$/,
  async function (this: Scenario, type: LockCommand['type'], bay: string) {
    const stage = await this.stage()
    stage.partyWires.disturbDevice(stage.bay(bay as BayId).lockId, 'commands', 'lost', type)
    this.found.set('lost', type)
  },
)

Then('the lock of bay {bay} stores a code', async function (this: Scenario, bay: BayId) {
  await (await this.stage()).lockSays(bay, 'code-stored')
})

Then(
  'the platform has sent the lost command again with its id and its sequence',
  async function (this: Scenario) {
    const stage = await this.stage()
    const bay = reservationOf(this).bayId as BayId
    const type = this.found.get('lost') as LockCommand['type']
    const topic = `locks/${stage.bay(bay).lockId}/commands`
    await seenTimes(stage, `the lost ${type} command from the platform, again`, 2, ({ from, name, body }) => {
      return from === 'platform' && name === type && (body as { topic?: string }).topic === topic
    })
    const [first, ...more] = lockCommands(stage, bay, type)
    for (const again of more) {
      const ids = [again.id, again.sequence]
      assert.deepEqual(ids, [first?.id, first?.sequence], 'the platform has sent another command')
    }
  },
)

When(
  'the platform is asked for bay {bay} by two requests at the same moment',
  async function (this: Scenario, bay: BayId) {
    const stage = await this.stage()
    const ask = () =>
      stage.partyWires.askPlatform('POST', '/v1/reservations', {
        authorization: `Bearer ${stage.secrets.cloudToken}`,
        body: stage.request(bay),
        headers: { 'idempotency-key': stage.newId() },
      })
    stage.raceForReservation(2)
    this.found.set('answers', await Promise.all([ask(), ask()]))
  },
)

Then('the platform has granted one of them, and refused the other as taken', function (this: Scenario) {
  const answers = this.found.get('answers') as { status: number; body?: Partial<Problem> }[]
  const said = answers.map(({ status, body }) => (status === 201 ? 'granted' : body?.error)).sort()
  assert.deepEqual(said, ['bay-taken', 'granted'], 'the platform has not granted the bay once')
})

Then('the platform has ended that reservation as expired', async function (this: Scenario) {
  const stage = await this.stage()
  const { reservationId } = reservationOf(this)
  await seenTimes(stage, 'the news from the platform that the hold has ended', 1, ({ wire, body }) => {
    const news = body as Partial<PlatformEvent> | undefined
    return wire === 'webhook' && news?.type === 'reservation-expired' && news.reservationId === reservationId
  })
  const { state } = await stage.cloudDesk.reservation(reservationId)
  assert.equal(state, 'expired', `the platform calls it ${state}`)
  const ended = (command: LockCommand) =>
    command.type === 'cancel' && command.reservationId === reservationId && command.reason === 'expired'
  const bay = reservationOf(this).bayId as BayId
  await stage.lockWasSent(bay, 'cancel')
  assert.ok(lockCommands(stage, bay).some(ended), 'the platform has not ended it at the lock as expired')
})

Then('the lock of bay {bay} was sent these coordinates', async function (this: Scenario, bay: BayId) {
  const stage = await this.stage()
  await stage.lockWasSent(bay, 'reserve')
  const [order] = lockCommands(stage, bay, 'reserve')
  const sent = (order as Extract<LockCommand, { type: 'reserve' }>).location
  const asked = stage.bay(bay).location
  const off = distanceMetres(wgs84(sent.latitude, sent.longitude), wgs84(asked.latitude, asked.longitude))
  assert.ok(off < 1, `the platform has sent the lock a place ${off.toFixed(0)} m away from the reserved one`)
})

When(
  'the lock of bay {bay} reports that nothing stands there, and its first news again',
  async function (this: Scenario, bay: BayId) {
    const stage = await this.stage()
    const { lockId } = stage.bay(bay)
    const at = new Date(stage.clock.now()).toISOString()
    const nothing = { id: stage.newId(), at, type: 'occupancy-changed', occupied: false }
    await stage.partyWires.speakAs(lockId, `locks/${lockId}/events`, nothing)
    const accepted = await stage.lockSays(bay, 'reservation-accepted')
    const { topic, ...event } = accepted as unknown as { topic: string }
    await stage.partyWires.speakAs(lockId, topic, event)
  },
)

Then('bay {bay} is still reserved with its code sent', async function (this: Scenario, bay: BayId) {
  const stage = await this.stage()
  await stage.operator.command(stage.bay(bay).lockId, { type: 'report' })
  const { state, reservationId } = await stage.cloudDesk.reservation(reservationOf(this).reservationId)
  const { reservation } = await stage.operator.space(bay)
  assert.deepEqual(
    [state, reservation],
    ['code-issued', 'code-issued'],
    'the platform no longer has it reserved',
  )
  const told = newsOf(stage, reservationId).map(({ type }) => type)
  assert.deepEqual(told, STAY.slice(0, 2), 'the platform has made other news of it')
})

When('the spaces are read one by one, and the first is reserved meanwhile', async function (this: Scenario) {
  const stage = await this.stage()
  const listed = await readPages(stage.partyWires, stage.secrets.cloudToken, async (first) => {
    await reserveAt(stage, first.bayId as BayId)
  })
  this.found.set('listed', listed)
})

Then('every space was listed, as it is in the end', async function (this: Scenario) {
  const stage = await this.stage()
  const { inOnePass, listed } = this.found.get('listed') as ListedSpaces
  assert.deepEqual(
    inOnePass,
    stage.bays.map(({ bayId }) => bayId).sort(),
    'the platform has not listed every space in one pass',
  )
  const shown = [...listed].map(([bayId, { reservation }]) => [bayId, reservation]).sort()
  const spaces = await Promise.all(stage.bays.map(({ bayId }) => stage.operator.space(bayId)))
  assert.deepEqual(
    shown,
    spaces.map(({ bayId, reservation }) => [bayId, reservation]).sort(),
    'what the platform listed is not what its spaces are',
  )
})
