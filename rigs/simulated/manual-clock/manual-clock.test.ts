import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ManualClock } from './manual-clock.js'

describe('manual clock', () => {
  it('runs what falls due in order, each at its own time, and what that schedules', () => {
    const clock = new ManualClock(1_000)
    const ran: [string, number][] = []
    const note = (name: string) => () => void ran.push([name, clock.now()])
    clock.at(1_020, note('second'))
    clock.at(1_010, () => {
      note('first')()
      clock.at(1_015, note('from first'))
    })
    clock.at(1_100, note('later'))
    clock.at(1_012, note('called off'))()
    clock.advance(50)
    assert.deepEqual(ran, [
      ['first', 1_010],
      ['from first', 1_015],
      ['second', 1_020],
    ])
    assert.equal(clock.now(), 1_050)
  })

  it('runs a task of the past at once, but not synchronously', async () => {
    const clock = new ManualClock(1_000)
    let ran = 0
    clock.at(999, () => void ran++)
    assert.equal(ran, 0)
    await Promise.resolve()
    assert.equal(ran, 1)
  })

  it('keeps appointments when it is set back', () => {
    const clock = new ManualClock(1_000)
    let ran = 0
    clock.at(1_010, () => void ran++)
    clock.set(500)
    assert.equal(ran, 0)
    clock.advance(510)
    assert.equal(ran, 1)
  })
})
