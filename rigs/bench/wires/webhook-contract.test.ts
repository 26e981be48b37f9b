import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import express from 'express'
import { platformWebhook } from '../../../reference/cloud/platform-webhook.js'
import type { ReservationProgress } from '../../../reference/cloud/reservation-progress.js'
import type { FailureLimit } from '../../../reference/failure-limit.js'
import { ManualClock } from '../../simulated/manual-clock/manual-clock.js'
import { BusinessClock } from '../business-clock.js'
import { ContractWatch } from './contract-watch.js'
import { openHttpWire } from './http-wire.js'
import { webhookContract } from './webhook-contract.js'
import { WireLog } from './wire-log.js'
import { WIRES } from './wires.js'

const SECRET = 'the-webhook-secret-of-this-test'
const NOW_MS = Date.parse('2026-03-01T08:00:00Z')
const EVENT = JSON.stringify({
  eventId: 'e-1',
  type: 'reservation-cancelled',
  reservationId: 'r-1',
  bayId: 'B-17',
  at: '2026-03-01T08:00:00.000Z',
  correlationId: 'c-1',
})

const sign = (timestamp: string, body: string, secret = SECRET) =>
  `sha256=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`

/** The reference cloud's own door for webhooks. */
function referenceCloud(): RequestListener {
  return express().use(
    '/platform/events',
    platformWebhook(
      { secret: SECRET, replayWindowSeconds: 900 },
      {
        clock: new ManualClock(NOW_MS),
        log: { record: () => undefined },
        progress: { take: () => Promise.resolve() } as unknown as ReservationProgress,
        failures: { lets: () => Promise.resolve(true) } as unknown as FailureLimit,
      },
    ),
  ) as RequestListener
}

async function wire(t: TestContext, receiver: RequestListener = referenceCloud(), nowMs = NOW_MS) {
  const server = createServer(receiver).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const watch = new ContractWatch(Object.values(WIRES).map(({ wire: name }) => name))
  const times = () => ({ fromMs: nowMs, toMs: nowMs })
  const contract = webhookContract({ secret: SECRET, times })
  const tap = await openHttpWire('webhook', contract, new WireLog(() => undefined), watch)
  t.after(() => tap.close())
  tap.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  /** @returns the status, and who was accused of what */
  return async (headers: Readonly<Record<string, string>>, body = EVENT) => {
    const before = new Map(watch.violations().map(({ what, times }) => [what, times]))
    const { status } = await fetch(`${tap.url}/platform/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    })
    const accused = watch.violations().filter(({ what, times }) => times !== before.get(what))
    return { status, accused: accused.map(({ party, what }) => `${party}: ${what}`) }
  }
}

const signed = (seconds: number, body = EVENT) => ({
  'X-Lockstep-Timestamp': String(seconds),
  'X-Lockstep-Signature': sign(String(seconds), body),
})
const NOW = NOW_MS / 1_000

test('a webhook as the contract has it accuses no party', async (t) => {
  const send = await wire(t)
  assert.deepEqual(await send(signed(NOW)), { status: 204, accused: [] })
  assert.deepEqual(await send(signed(NOW - 900)), { status: 204, accused: [] })
})

test('of an invalid webhook its sender alone is accused, and the reference cloud refuses it rightly', async (t) => {
  const send = await wire(t)
  const good = signed(NOW)
  const { 'X-Lockstep-Signature': signature, ...unsigned } = good
  const malformed = EVENT.replace('"reservation-cancelled"', '"parked"')
  const cases: [string, Readonly<Record<string, string>>, string, number, RegExp][] = [
    ['unsigned', unsigned, EVENT, 401, /has no X-Lockstep-Signature/],
    ['without a time', { 'X-Lockstep-Signature': signature }, EVENT, 401, /has no X-Lockstep-Timestamp/],
    [
      'of another secret',
      { ...good, 'X-Lockstep-Signature': sign(String(NOW), EVENT, 'x') },
      EVENT,
      401,
      /not the HMAC/,
    ],
    ['over another body', good, EVENT.replace('B-17', 'B-18'), 401, /not the HMAC/],
    ['old', signed(NOW - 901), EVENT, 401, /is 901 s from the rig's business time; 900 s are allowed/],
    ['of the future', signed(NOW + 1_000), EVENT, 401, /is 1000 s from/],
    ['malformed', signed(NOW, malformed), malformed, 400, /\/type/],
    ['no JSON', signed(NOW, '{'), '{', 400, /PlatformEvent/],
  ]
  for (const [name, headers, body, status, what] of cases) {
    const seen = await send(headers, body)
    assert.equal(seen.status, status, name)
    assert.equal(seen.accused.length, 1, `${name}: ${seen.accused.join('; ')}`)
    assert.match(seen.accused[0] ?? '', /^platform: POST \/platform\/events: /, name)
    assert.match(seen.accused[0] ?? '', what, name)
  }
})

test('a cloud that takes what it must refuse, or refuses what it must take, is accused for that', async (t) => {
  const takesAll = await wire(t, (_request, response) => response.writeHead(204).end())
  const { accused } = await takesAll({})
  assert.deepEqual(
    accused.map((what) => what.split(':')[0]),
    ['platform', 'cloud'],
  )
  assert.match(accused[1] ?? '', /answers an invalid POST \/platform\/events with 204, not 401/)
  const refusesAll = await wire(t, (_request, response) => response.writeHead(401).end())
  assert.deepEqual((await refusesAll(signed(NOW))).accused, [
    'cloud: answers POST /platform/events with 401, not 204',
  ])
})

test('what was on its way over a move of business time is not called old', async () => {
  const clock = new BusinessClock(NOW_MS)
  let during = clock.recent()
  await clock.lead({ set: () => Promise.resolve() })
  const leave = await clock.lead({
    set: (epochMs) => {
      if (epochMs > NOW_MS) during = clock.recent()
      return Promise.resolve()
    },
  })
  assert.deepEqual(clock.recent(), { fromMs: NOW_MS, toMs: NOW_MS })
  await clock.advance(3_600_000)
  const over = { fromMs: NOW_MS, toMs: NOW_MS + 3_600_000 }
  assert.deepEqual(during, over)
  assert.deepEqual(clock.recent(), over)
  leave()
})
