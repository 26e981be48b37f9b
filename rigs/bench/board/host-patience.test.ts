import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HostPatience } from './host-patience.js'
import { RunQueueWait, type SchedulerFigures } from './run-queue-wait.js'

function patience() {
  const times: { hardwareMs: number; wallMs: number; expected: boolean; waitedMs: number | undefined } = {
    hardwareMs: 0,
    wallMs: 0,
    expected: true,
    waitedMs: 1_000,
  }
  const used: number[] = []
  const host = new HostPatience({
    hardwareMs: () => times.hardwareMs,
    isExpected: () => times.expected,
    hostWaitedMs: () => times.waitedMs,
    onUsed: (waitedMs) => used.push(waitedMs),
    nowMs: () => times.wallMs,
  })
  host.heard()
  return { times, host, used }
}

test('a board stands still for as long as its host was runnable without a processor, and says so', () => {
  const { times, host, used } = patience()
  times.hardwareMs = 249
  times.waitedMs = 1_300
  assert.equal(host.mayRun(), true)
  times.hardwareMs = 250
  assert.equal(host.mayRun(), false)
  times.wallMs = 299
  assert.equal(host.mayRun(), false)
  times.wallMs = 300
  assert.equal(host.mayRun(), true)
  times.waitedMs = 1_310
  assert.equal(host.mayRun(), false)
  times.wallMs = 305
  host.heard()
  assert.deepEqual(used, [305])
  assert.equal(host.mayRun(), true)
})

test('a host that hangs or is stopped does not wait for a processor: nothing stands still', () => {
  const { times, host, used } = patience()
  for (let ms = 0; ms < 2_000; ms += 10) {
    times.hardwareMs = times.wallMs = ms
    assert.equal(host.mayRun(), true)
  }
  host.heard()
  assert.deepEqual(used, [])
})

test('without power on the actuator, without a controller or without figures of the system, no board waits', () => {
  const { times, host } = patience()
  times.hardwareMs = 10_000
  times.waitedMs = 5_000
  times.expected = false
  assert.equal(host.mayRun(), true)
  times.expected = true
  times.waitedMs = undefined
  assert.equal(host.mayRun(), true)
})

test('a wait that the kernel has not added yet counts; running, sleeping and stopping do not', () => {
  let figures: SchedulerFigures | undefined = { ranNs: 5e6, waitedNs: 7e6, runnable: true }
  let nowMs = 0
  const wait = new RunQueueWait(
    [1],
    () => figures,
    () => nowMs,
  )
  assert.equal(wait.totalMs(), 7)
  nowMs = 40
  assert.equal(wait.totalMs(), 47)
  figures = { ranNs: 6e6, waitedNs: 47e6, runnable: true }
  assert.equal(wait.totalMs(), 47)
  nowMs = 400
  figures = { ranNs: 300e6, waitedNs: 47e6, runnable: true }
  assert.equal(wait.totalMs(), 47)
  figures = { ranNs: 300e6, waitedNs: 47e6, runnable: false }
  wait.totalMs()
  nowMs = 900
  assert.equal(wait.totalMs(), 47)
  figures = undefined
  assert.equal(wait.totalMs(), undefined)
})

test(
  'this system tells what its processes wait for a processor',
  { skip: process.platform !== 'linux' },
  () => {
    assert.ok((new RunQueueWait([process.pid]).totalMs() ?? -1) >= 0)
  },
)
