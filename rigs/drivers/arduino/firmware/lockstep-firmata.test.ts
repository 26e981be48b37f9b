import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { lockPinMap } from '../../../pin-map.js'
import { firmwareFolder, sourceSha256 } from './build-firmware.js'
import { lockPinsHeader, UnbuildablePinMap } from './lock-pins-header.js'
import { LOCKSTEP_FIRMATA_HEX, lockstepFirmataHashes } from './lockstep-firmata.js'
import { protectionLimits } from './protection-limits.js'

const REBUILD = 'run `npm run firmware` and commit what it writes'

test('The header in the firmware is that of the pin map and the limits', () => {
  const header = readFileSync(join(firmwareFolder, 'lock-pins.h'), 'utf8')
  assert.equal(header, lockPinsHeader(lockPinMap, protectionLimits), REBUILD)
})

test('The committed image is of these sources, and has the hash beside it', () => {
  const hashes = lockstepFirmataHashes()
  assert.equal(hashes.sourceSha256, sourceSha256(), REBUILD)
  const hex = readFileSync(LOCKSTEP_FIRMATA_HEX)
  assert.equal(createHash('sha256').update(hex).digest('hex'), hashes.hexSha256, REBUILD)
})

test('A servo on a pin without hardware pulses is refused', () => {
  const moved = { ...lockPinMap, servo: { ...lockPinMap.servo, pin: 11 } }
  assert.throws(() => lockPinsHeader(moved, protectionLimits), UnbuildablePinMap)
})

test('The protections keep what is promised: 500 ms after the last heartbeat, a jam within 100 ms', () => {
  const { heartbeatMs, inrushMs, overCurrentMs } = protectionLimits
  assert.ok(heartbeatMs <= 500)
  assert.ok(inrushMs + overCurrentMs < 100)
})
