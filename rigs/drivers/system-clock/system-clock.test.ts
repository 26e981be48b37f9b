import assert from 'node:assert/strict'
import { describe, it, mock } from 'node:test'
import { systemClock } from './system-clock.js'

describe('system clock', () => {
  it('runs tasks once their time has come, however far away, but never synchronously', () => {
    mock.timers.enable({ apis: ['Date', 'setTimeout'], now: 1_000_000 })
    try {
      const ran: string[] = []
      const monthMs = 30 * 86_400_000
      systemClock.at(systemClock.now() - 1, () => ran.push('past'))
      systemClock.at(systemClock.now() + monthMs, () => ran.push('month'))
      const callOff = systemClock.at(systemClock.now() + 5, () => ran.push('called off'))
      callOff()
      assert.deepEqual(ran, [])
      mock.timers.tick(10)
      assert.deepEqual(ran, ['past'])
      mock.timers.tick(monthMs)
      assert.deepEqual(ran, ['past', 'month'])
    } finally {
      mock.timers.reset()
    }
  })
})
