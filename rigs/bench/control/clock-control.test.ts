import assert from 'node:assert/strict'
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
  for (const body of ['', '{}', '{"epochMs":"x"}', '{"epochMs":1.5}', 'null']) {
    const answer = await fetch(`${control.url}/clock`, {
      method: 'PUT',
      headers: { authorization: 'Bearer a-long-token' },
      body,
    })
    assert.equal(answer.status, 400, body)
  }
  assert.equal(control.clock.now(), START)
})

test('a party whose time cannot be moved is named when a scenario would move it', async () => {
  const clock = new BusinessClock(START)
  const release = clock.holdStill('the party at http://cloud.example')
  await assert.rejects(clock.advance(1), /cloud\.example goes by the system's clock[\s\S]*own-party/)
  assert.equal(clock.now(), START)
  release()
  await clock.advance(1)
  assert.equal(clock.now(), START + 1)
})
