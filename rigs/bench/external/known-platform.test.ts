import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { BusinessClock } from '../business-clock.js'
import { PlatformClient } from '../people/platform-client.js'
import { loadProfile } from '../profile.js'
import { RigUnavailable } from '../rig-errors.js'
import type { WireMessage } from '../wires/wire-log.js'
import { KnownPlatform } from './known-platform.js'

const START = Date.UTC(2026, 2, 1, 9)
const { bays } = loadProfile('virtual')

type Answer = readonly [status: number, body: object]

/** A platform that answers as it is scripted: `METHOD /path`; what is not scripted is as it should be. */
async function scripted(t: TestContext, answers: Record<string, Answer | Answer[]>) {
  const asked: string[] = []
  const usual: Record<string, Answer> = { 'GET /v1/operator/alerts': [200, { alerts: [] }] }
  for (const { onMap: _map, lock: _lock, ...bay } of bays) {
    const space = { ...bay, occupancy: 'free', reservation: 'none', lockHealth: 'ok', bolt: 'up' }
    usual[`GET /v1/spaces/${bay.bayId}`] = [200, space]
  }
  const server = createServer((request, response) => {
    const name = `${request.method} ${request.url?.split('?')[0]}`
    asked.push(name)
    const scriptedAnswer = answers[name]
    const next =
      typeof scriptedAnswer?.[0] === 'object'
        ? (scriptedAnswer as Answer[]).length > 1
          ? (scriptedAnswer as Answer[]).shift()
          : scriptedAnswer[0]
        : scriptedAnswer
    const [status, body] = (next as Answer | undefined) ??
      usual[name] ?? [500, { error: 'internal-fault', message: name }]
    const defaults = body && 'reservation' in body ? (usual[name]?.[1] ?? {}) : {}
    response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(JSON.stringify({ ...defaults, ...body }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close().closeAllConnections())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const time = new BusinessClock(START)
  const known = new KnownPlatform({
    url,
    bays,
    time,
    operator: new PlatformClient(url, 'operator'),
    cloud: new PlatformClient(url, 'cloud'),
  })
  return { known, time, asked, url }
}

const unfit = (url: string, what: RegExp, mend: RegExp) => (error: unknown) => {
  assert.ok(error instanceof RigUnavailable, String(error))
  assert.ok(error.message.startsWith(`the external platform at ${url} `), error.message)
  assert.match(error.message, what)
  assert.match(error.message, mend)
  return true
}
const refused = (error: string): Answer[1] => ({ error, message: error })

test('tokens, bays and places that are not the profile’s are named before the scenario', async (t) => {
  const cases: [Record<string, Answer>, RegExp, RegExp][] = [
    [
      { 'GET /v1/operator/alerts': [401, refused('unauthorised')] },
      /refuses the rig’s token/,
      /fixed\.secrets\.operatorToken/,
    ],
    [{ 'GET /v1/spaces/B-18': [404, refused('bay-unknown')] }, /has no bay B-18/, /inventory/],
    [
      { 'GET /v1/spaces/D-01': [200, { reservation: 'none', lockId: 'L-9' }] },
      /has bay D-01 with lock L-9/,
      /the profile has lock L-D1/,
    ],
  ]
  for (const [answers, what, mend] of cases) {
    const { known, url } = await scripted(t, answers)
    await assert.rejects(known.begin(), unfit(url, what, mend))
  }
})

test('time goes on from what the platform remembers', async (t) => {
  const alert = { alertId: 'a', lockId: 'L-17', bayId: 'B-17', kind: 'lock-fault' }
  const at = new Date(START + 3_600_000).toISOString()
  const { known, time } = await scripted(t, {
    'GET /v1/operator/alerts': [200, { alerts: [{ ...alert, at }] }],
  })
  await known.begin()
  assert.equal(time.now(), START + 3_600_000)
})

const held: Answer = [200, { reservation: 'held' }]
const history: Answer = [
  200,
  {
    transitions: [
      { sequence: 7, at: '', axis: 'reservation', state: 'held', reservationId: 'R-9', cause: 'request' },
    ],
  },
]
const none: Answer = [200, { transitions: [] }]

test('a reservation that a killed run of ours left behind is found in the history, and ended', async (t) => {
  const { known, asked } = await scripted(t, {
    'GET /v1/spaces/B-17': held,
    'GET /v1/operator/bays/B-17/history': [history, none],
    'GET /v1/reservations/R-9': [200, { reservationId: 'R-9' }],
    'DELETE /v1/operator/reservations/R-9': [200, { reservationId: 'R-9' }],
  })
  assert.deepEqual(
    (await known.endLeftovers()).map(({ reservationId }) => reservationId),
    ['R-9'],
  )
  assert.ok(asked.includes('DELETE /v1/operator/reservations/R-9'))
})

test('a reservation of another cloud is not ended: it is named', async (t) => {
  const { known, asked, url } = await scripted(t, {
    'GET /v1/spaces/B-17': held,
    'GET /v1/operator/bays/B-17/history': [history, none],
    'GET /v1/reservations/R-9': [404, refused('reservation-unknown')],
  })
  await assert.rejects(
    known.endLeftovers(),
    unfit(url, /given bay B-17 to another cloud/, /end that reservation there/),
  )
  assert.ok(!asked.some((name) => name.startsWith('DELETE')))
})

test('a bay out of service is put back', async (t) => {
  const { known, asked } = await scripted(t, {
    'GET /v1/spaces/B-18': [200, { reservation: 'none', inService: false }],
    'PUT /v1/operator/bays/B-18/service': [200, { reservation: 'none' }],
  })
  await known.endLeftovers()
  assert.ok(asked.includes('PUT /v1/operator/bays/B-18/service'))
})

test('what cannot be brought to the known state ends the scenario before it begins', async (t) => {
  for (const [space, what] of [
    [{ reservation: 'unlocked' }, /still calls bay B-17 unlocked/],
    [{ reservation: 'none', inService: false }, /keeps bay B-17 out of service/],
    [{ reservation: 'none', lockClockAheadSeconds: 61 }, /clock of the lock of B-17 for wrong by 61 s/],
  ] as const) {
    const { known, url } = await scripted(t, { 'GET /v1/spaces/B-17': [200, space] })
    await assert.rejects(known.verify(), unfit(url, what, /\n {2}To mend it: /))
  }
})

test('a platform is waited for until its order comes back from the lock', async (t) => {
  const path = 'POST /v1/operator/locks/L-17/commands'
  const { known, asked } = await scripted(t, {
    [path]: [
      [504, refused('lock-silent')],
      [200, { outcome: 'done', bolt: 'up' }],
    ],
  })
  await known.untilTalking('L-17')
  assert.deepEqual(asked, [path, path])
})

test('a clock that answered 204 and did not move shows in the times of the platform’s commands', async (t) => {
  const { known, url } = await scripted(t, {})
  const order = (atMs: number): WireMessage => ({
    wire: 'lock',
    from: 'platform',
    to: 'lock',
    name: 'sync',
    body: { issuedAt: new Date(atMs).toISOString() },
  })
  known.verifyTime([order(START - 60_000), order(START)])
  assert.throws(
    () => known.verifyTime([order(START - 60_000)]),
    unfit(url, /60 s behind the rig's time/, /204 only once/),
  )
  assert.throws(() => known.verifyTime([order(START + 5_000)]), unfit(url, /5 s ahead of/, /clock/))
})
