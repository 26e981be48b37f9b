import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lockPinMap } from '../../pin-map.js'
import { describeReadings } from '../lock/lock-readings.js'
import { LineWatch } from './line-watch.js'

const { contactSense, motorCurrent, battery } = lockPinMap

test('a current from before the cut is called stale until it has been measured anew', () => {
  const watch = new LineWatch(lockPinMap)
  const levels = (port: number, bits: number) => watch.take({ type: 'digital', port, levels: bits })
  const current = (value: number) => watch.take({ type: 'analog', channel: motorCurrent.channel, value })
  const port = contactSense.pin >> 3
  const supplied = 1 << (contactSense.pin & 7)
  levels(0, 0xff)
  levels(1, 0xff)
  levels(port, supplied)
  watch.take({ type: 'analog', channel: battery.channel, value: 500 })
  current(100)
  assert.equal(watch.readings?.currentIsStale, undefined)
  levels(port, 0)
  assert.equal(watch.readings?.actuatorSupplied, false)
  assert.match(watch.readings ? describeReadings(watch.readings) : '', /stale: from before the cut/)
  current(0)
  assert.equal(watch.readings?.currentIsStale, true)
  current(0)
  assert.equal(watch.readings?.currentIsStale, undefined)
})
