import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { format } from 'prettier'
import { packageRoot } from '../../reference/package-root.js'
import { lockPinMap } from '../pin-map.js'
import {
  AMPLIFIER_GAIN,
  BATTERY_DIVIDER_KILOOHMS,
  SENSE_DIVIDER_KILOOHMS,
  SHUNT_OHMS,
  watchdogMs,
  wiredPins,
} from './parts.js'
import { wiringDiagram } from './wiring-diagram.js'
import { WIRING_PAGE, WIRING_PICTURE, wiringPage } from './wiring-page.js'

const committed = (path: string) => readFileSync(join(packageRoot, path), 'utf8')

test('page and picture are those of the pin map: npm run wiring writes them anew', async () => {
  assert.equal(committed(WIRING_PICTURE), wiringDiagram())
  const options = JSON.parse(committed('.prettierrc.json')) as object
  assert.equal(committed(WIRING_PAGE), await format(wiringPage(), { ...options, parser: 'markdown' }))
})

test('the parts make the factors that the pin map has, within what the board can read', () => {
  assert.equal(SHUNT_OHMS * AMPLIFIER_GAIN, lockPinMap.motorCurrent.voltsPerAmp)
  const { upper, lower } = BATTERY_DIVIDER_KILOOHMS
  assert.equal((upper + lower) / lower, lockPinMap.battery.dividerRatio)
  const sensed = (volts: number) =>
    (volts * SENSE_DIVIDER_KILOOHMS.lower) / (SENSE_DIVIDER_KILOOHMS.lower + SENSE_DIVIDER_KILOOHMS.upper)
  assert.ok(sensed(8.4) <= 5, 'a full battery does not overdrive the pin')
  assert.ok(sensed(6) >= 3, 'an empty one is still high: 0.6 of 5 V')
  // The driver asks four times a second, and the promise is half a second.
  assert.ok(watchdogMs > 300 && watchdogMs < 500)
})

test('every pin of the map is wired, once, and a moved wire moves in the picture', () => {
  const pins = wiredPins().map(({ pin }) => pin)
  assert.equal(new Set(pins).size, pins.length)
  const mapped = (Object.values(lockPinMap) as ({ pin: number } | { channel: number })[]).map((place) =>
    'pin' in place ? `D${place.pin}` : `A${place.channel}`,
  )
  assert.deepEqual([...pins].sort(), mapped.sort())
  const moved = wiringDiagram(wiredPins({ ...lockPinMap, relay: { pin: 12 } }))
  assert.match(moved, />D12</)
  assert.doesNotMatch(moved, />D8</)
})
