import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HostPatience } from './host-patience.js'

function patience() {
  const times = { hardwareMs: 0, wallMs: 0, expected: true }
  const host = new HostPatience({
    hardwareMs: () => times.hardwareMs,
    isExpected: () => times.expected,
    nowMs: () => times.wallMs,
  })
  return { times, host }
}

test('a board waits for a host that is late while its actuator has power, and goes on when it is heard', () => {
  const { times, host } = patience()
  host.heard()
  times.hardwareMs = 249
  assert.equal(host.mayRun(), true)
  times.hardwareMs = 250
  assert.equal(host.mayRun(), false)
  times.wallMs = 999
  assert.equal(host.mayRun(), false)
  host.heard()
  assert.equal(host.mayRun(), true)
})

test('a host that hangs has a second, once: then the board goes on until it is heard again', () => {
  const { times, host } = patience()
  times.hardwareMs = 300
  assert.equal(host.mayRun(), false)
  times.wallMs = 1_000
  assert.equal(host.mayRun(), true)
  times.hardwareMs = 1_000
  assert.equal(host.mayRun(), true)
  host.heard()
  times.hardwareMs = 1_250
  assert.equal(host.mayRun(), false)
})

test('without power on the actuator, or with nobody on the line, a board waits for nobody', () => {
  const { times, host } = patience()
  times.expected = false
  times.hardwareMs = 10_000
  assert.equal(host.mayRun(), true)
})

test('each silence has its own second', () => {
  const { times, host } = patience()
  times.hardwareMs = 250
  assert.equal(host.mayRun(), false)
  times.wallMs = 800
  times.expected = false
  assert.equal(host.mayRun(), true)
  times.expected = true
  assert.equal(host.mayRun(), false)
  times.wallMs = 1_600
  assert.equal(host.mayRun(), false)
})
