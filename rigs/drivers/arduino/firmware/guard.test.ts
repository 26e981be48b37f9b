import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lockPinMap } from '../../../pin-map.js'
import { firmata } from '../firmata-wire.js'
import { guardStatusIn, lockstep } from '../lockstep-wire.js'
import { protectionLimits } from './protection-limits.js'
import { FirmwareBench } from './test-firmware-bench.js'

const { relay, servo, motorCurrent } = lockPinMap
const STALL_VOLTS = 2.5 * motorCurrent.voltsPerAmp
const RUNNING_VOLTS = 0.5 * motorCurrent.voltsPerAmp

/** What a byte takes on the line, and what an interrupt may be late, milliseconds. */
const LINE_MS = 1

function assertLatched(bench: FirmwareBench, cause: string): void {
  const status = bench.status()
  assert.deepEqual(
    [status.cause, status.latched, status.armed, status.relayHigh, status.pulsesOn],
    [cause, true, false, false, false],
  )
}

test('A board starts with the actuator off, and a host that has not armed it cannot switch it on', () => {
  const bench = FirmwareBench.booted('lockstep')
  assert.deepEqual(
    bench.edges.filter(({ drive }) => drive === 'high'),
    [],
  )
  assert.deepEqual(bench.status().resetCauses, ['power-on'])
  bench.say(
    firmata.setPinMode(relay.pin, 'output'),
    firmata.setDigitalPin(relay.pin, true),
    [0x91, 0x01, 0x00],
    firmata.configureServo(servo.pin, 600, 2400),
    firmata.writeServo(servo.pin, 90),
    firmata.setPinMode(servo.pin, 'output'),
    firmata.setDigitalPin(servo.pin, true),
  )
  bench.run(60)
  assert.deepEqual(
    bench.edges.filter(({ drive }) => drive === 'high'),
    [],
  )
  const told = bench.take().map(guardStatusIn)
  assert.ok(told.some((status) => status?.refused))
})

test('A pin with a contact on it cannot be made an output', () => {
  const bench = FirmwareBench.booted('lockstep')
  bench.edges.length = 0
  for (const pin of [2, 3, 4, 5])
    bench.say(firmata.setPinMode(pin, 'output'), firmata.setDigitalPin(pin, true))
  bench.run(20)
  assert.deepEqual(bench.edges, [])
})

test('With the host silent the power is off 500 ms after the last heartbeat, and stays off', () => {
  const bench = FirmwareBench.booted('lockstep')
  bench.drive(90)
  bench.runAlive(2_000)
  bench.say(lockstep.heartbeat(101))
  const lastBeatMs = bench.nowMs
  bench.run(400)
  assert.equal(bench.wentLowAtMs(relay.pin), undefined)
  bench.run(4_600)
  const offMs = (bench.wentLowAtMs(relay.pin) ?? Infinity) - lastBeatMs
  assert.ok(offMs <= protectionLimits.heartbeatMs + LINE_MS, `${offMs} ms`)
  assert.ok((bench.wentLowAtMs(servo.pin) ?? Infinity) - lastBeatMs <= protectionLimits.heartbeatMs + LINE_MS)
  assertLatched(bench, 'heartbeat-lost')
  bench.say(lockstep.heartbeat(102), firmata.setDigitalPin(relay.pin, true), [0xff])
  bench.run(20)
  assertLatched(bench, 'heartbeat-lost')
})

test('StandardFirmata goes on: so the check of the heartbeat can fail', () => {
  const bench = FirmwareBench.booted('standard-firmata')
  bench.say(
    firmata.setPinMode(relay.pin, 'output'),
    firmata.setDigitalPin(relay.pin, true),
    firmata.configureServo(servo.pin, 600, 2400),
    firmata.writeServo(servo.pin, 90),
  )
  bench.run(100)
  bench.takePulsesUs(servo.pin)
  bench.run(5_000)
  assert.equal(bench.wentLowAtMs(relay.pin), undefined)
  assert.ok(bench.takePulsesUs(servo.pin).length >= 249)
})

test('A sender that is stuck on one heartbeat is silent', () => {
  const bench = FirmwareBench.booted('lockstep')
  bench.drive(90)
  for (let beat = 0; beat < 10; beat++) {
    bench.say(lockstep.heartbeat(5))
    bench.run(100)
  }
  assertLatched(bench, 'heartbeat-lost')
})

test('A stall is cut within 100 ms; the inrush of a motor that starts is not', () => {
  const bench = FirmwareBench.booted('lockstep')
  bench.volts[motorCurrent.channel] = STALL_VOLTS
  bench.drive(servo.degrees.up)
  bench.run(30)
  bench.volts[motorCurrent.channel] = RUNNING_VOLTS
  bench.runAlive(500)
  assert.equal(bench.status().relayHigh, true)
  const stallMs = bench.nowMs
  bench.volts[motorCurrent.channel] = STALL_VOLTS
  bench.runAlive(200)
  const cutMs = (bench.wentLowAtMs(relay.pin) ?? Infinity) - stallMs
  assert.ok(cutMs >= protectionLimits.overCurrentMs - 2 && cutMs <= 60, `${cutMs} ms`)
  assertLatched(bench, 'over-current')

  const jammed = FirmwareBench.booted('lockstep')
  jammed.volts[motorCurrent.channel] = STALL_VOLTS
  jammed.drive(servo.degrees.up)
  const startedMs = jammed.nowMs
  jammed.runAlive(200)
  assert.ok((jammed.wentLowAtMs(relay.pin) ?? Infinity) - startedMs < 100)
})

test('A host that changes the angle all the time does not hide a stall', () => {
  const bench = FirmwareBench.booted('lockstep')
  bench.volts[motorCurrent.channel] = STALL_VOLTS
  bench.drive(30)
  const startedMs = bench.nowMs
  for (let change = 0; change < 20; change++) {
    bench.say(firmata.writeServo(servo.pin, change % 2 ? 40 : 80))
    bench.runAlive(10)
  }
  assert.ok((bench.wentLowAtMs(relay.pin) ?? Infinity) - startedMs < 100)
})

test('Both limits at once cut the power', () => {
  const bench = FirmwareBench.booted('lockstep')
  bench.drive(servo.degrees.up)
  bench.pressLimit('limitDown', true)
  bench.pressLimit('limitUp', true)
  bench.runAlive(100)
  assertLatched(bench, 'both-limits')
})

test('A drive that has arrived ends by itself, without a latch', () => {
  const bench = FirmwareBench.booted('lockstep')
  bench.drive(servo.degrees.up)
  bench.pressLimit('limitDown', true)
  bench.runAlive(400)
  assert.equal(bench.status().relayHigh, true)
  bench.pressLimit('limitDown', false)
  bench.pressLimit('limitUp', true)
  bench.runAlive(400)
  const { cause, latched, relayHigh, pulsesOn } = bench.status()
  assert.deepEqual([cause, latched, relayHigh, pulsesOn], ['end-of-travel', false, false, false])
})

test('A limit switch that bounces is told once', () => {
  const bench = FirmwareBench.booted('lockstep')
  bench.say(firmata.reportDigital(0, true))
  bench.run(20)
  bench.take()
  for (let bounce = 0; bounce < 6; bounce++) {
    bench.pressLimit('limitUp', bounce % 2 === 0)
    bench.run(1)
  }
  bench.pressLimit('limitUp', true)
  bench.run(20)
  const levels = bench.take().map((message) => (message.type === 'digital' ? message.levels : undefined))
  assert.equal(levels.length, 1)
})

test('Only an arm with the number of the last cut-off, and its complement, ends a latch', () => {
  const bench = FirmwareBench.booted('lockstep')
  bench.drive(90)
  bench.run(600)
  assert.equal(bench.status().cuts, 1)
  bench.say(lockstep.arm(0), [0xf0, 0x02, 1, 1, 0xf7], [0xf0, 0x02, 1, 0xf7])
  bench.run(20)
  assertLatched(bench, 'heartbeat-lost')
  bench.say(lockstep.arm(1))
  bench.run(20)
  assert.deepEqual([bench.status().armed, bench.status().latched], [true, false])
})

test('A heartbeat that ends while nothing is energised disarms, and is no cut-off', () => {
  const bench = FirmwareBench.booted('lockstep')
  bench.say(lockstep.arm(0))
  bench.run(700)
  const { armed, latched, cuts } = bench.status()
  assert.deepEqual([armed, latched, cuts], [false, false, 0])
})

test('A program that hangs is reset by the watchdog, and says so', () => {
  const bench = new FirmwareBench(imageThatNeverFeedsItsWatchdog())
  bench.board.powerOn()
  bench.run(1_000)
  const causes = bench.take().flatMap((message) => guardStatusIn(message)?.resetCauses ?? [])
  assert.deepEqual(causes, ['power-on', 'watchdog', 'watchdog', 'watchdog'])
})

/** The committed image with a NOP for every WDR. */
function imageThatNeverFeedsItsWatchdog(): Uint8Array {
  const image = FirmwareBench.image('lockstep').slice()
  const words = new DataView(image.buffer)
  let fed = 0
  for (let at = 0; at < image.length; at += 2) {
    if (words.getUint16(at, true) !== 0x95a8) continue
    words.setUint16(at, 0, true)
    fed++
  }
  assert.ok(fed > 0)
  return image
}
