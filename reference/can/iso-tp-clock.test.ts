import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { systemIsoTpClock } from './iso-tp-clock.js'

const elapsedUs = async (delayUs: number) => {
  const startUs = systemIsoTpClock.nowUs()
  await new Promise<void>((resolve) => systemIsoTpClock.after(delayUs, resolve))
  return systemIsoTpClock.nowUs() - startUs
}

test('a wait is never shorter than asked for', async () => {
  for (const delayUs of [0, 100, 250, 900, 1_000, 2_500, 7_900]) {
    for (let times = 0; times < 5; times++) assert.ok((await elapsedUs(delayUs)) >= delayUs, `${delayUs} µs`)
  }
})

test('a wait below a millisecond uses no timer of whole milliseconds', async () => {
  const timer = mock.method(globalThis, 'setTimeout')
  await elapsedUs(900)
  assert.equal(timer.mock.callCount(), 0)
  await elapsedUs(5_000)
  assert.ok(timer.mock.callCount() > 0, 'a long wait leaves the processor alone')
  timer.mock.restore()
})

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('a wait that is called off does not happen, also where it is near its end', async (t) => {
  let nowMs = 0
  t.mock.method(performance, 'now', () => nowMs)
  const called: number[] = []
  const begin = (delayUs: number) => systemIsoTpClock.after(delayUs, () => called.push(delayUs))
  const cancels = [0, 500, 5_000].map(begin)
  begin(900)
  assert.deepEqual(called, [])
  cancels[0]?.()
  await turn()
  await turn()
  cancels[1]?.()
  cancels[2]?.()
  nowMs = 6
  await turn()
  await turn()
  assert.deepEqual(called, [900])
})
