import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { BusinessClock } from '../business-clock.js'
import { RigFault } from '../rig-errors.js'
import { openClockControl } from './clock-control.js'
import { remoteClock } from './remote-clock.js'

const START = Date.UTC(2026, 2, 1, 9)

test('a clock in another process follows, and does there what falls due', async (t) => {
  const control = await openClockControl({ host: '127.0.0.1', port: 0, token: 'a-long-token', startMs: 0 })
  t.after(() => control.close())
  const clock = new BusinessClock(START)
  const done: string[] = []
  const release = await clock.lead(remoteClock(control.url, 'a-long-token'))
  assert.equal(control.clock.now(), START)

  control.clock.at(START + 60_000, () => done.push('there'))
  clock.at(START + 60_000, () => done.push('here'))
  await clock.advance(59_999)
  assert.deepEqual(done, [])
  await clock.advance(1)
  assert.deepEqual(done, ['there', 'here'])

  release()
  await clock.advance(1_000)
  assert.equal(control.clock.now(), START + 60_000)
})

test('nobody without the token moves it, and nothing but a time does', async (t) => {
  const control = await openClockControl({
    host: '127.0.0.1',
    port: 0,
    token: 'a-long-token',
    startMs: START,
  })
  t.after(() => control.close())
  await assert.rejects(remoteClock(control.url, 'another-token').set(0), RigFault)
  for (const body of ['', '{}', '{"epochMs":"x"}', '{"epochMs":1.5}', '{"epochMs":-1}', 'null']) {
    const answer = await fetch(`${control.url}/clock`, {
      method: 'PUT',
      headers: { authorization: 'Bearer a-long-token' },
      body,
    })
    assert.equal(answer.status, 400, body)
  }
  assert.equal(control.clock.now(), START)
})

test('a clock that stands later is not set back: the rig goes on from there', async (t) => {
  const control = await openClockControl({
    host: '127.0.0.1',
    port: 0,
    token: 'a-long-token',
    startMs: START + 7_200_000,
  })
  t.after(() => control.close())
  const clock = new BusinessClock(START)
  const first: number[] = []
  await clock.lead({ set: async (epochMs) => void first.push(epochMs) })
  await clock.lead(remoteClock(control.url, 'a-long-token'))
  assert.equal(clock.now(), START + 7_200_000)
  assert.equal(control.clock.now(), START + 7_200_000)
  assert.deepEqual(first, [START, START + 7_200_000], 'who followed already moves too')
})

test('a clock that does not say where it stands is moved all the same', async (t) => {
  const set: unknown[] = []
  const server = createServer((request, response) => {
    if (request.method !== 'PUT') return void response.writeHead(405).end()
    request.on('data', (part: Buffer) => set.push(JSON.parse(part.toString())))
    request.on('end', () => response.writeHead(204).end())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const clock = new BusinessClock(START)
  await clock.lead(remoteClock(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 'a-long-token'))
  assert.deepEqual(set, [{ epochMs: START }])
})
