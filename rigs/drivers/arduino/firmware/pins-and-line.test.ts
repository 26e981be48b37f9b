import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { lockPinMap } from '../../../pin-map.js'
import { firmata, type FirmataMessage } from '../firmata-wire.js'
import type { FirmwareKind } from '../identify-firmware.js'
import { lockstep } from '../lockstep-wire.js'
import { FirmwareBench } from './test-firmware-bench.js'

const { servo, relay } = lockPinMap
/** What a pulse may be off, microseconds. */
const PULSE_TOLERANCE_US = 5
const PERIOD_MS = 20

/** A servo's range, and one wider than most: degrees are spread over it. */
const RANGES = [
  { at0: 600, at180: 2400 },
  { at0: 544, at180: 2400 },
]

for (const kind of ['lockstep', 'standard-firmata'] satisfies FirmwareKind[]) {
  describe(`The pins and the line of a board with ${kind}`, () => {
    const bench = FirmwareBench.booted(kind)
    const alive = (ms: number) => (kind === 'lockstep' ? bench.runAlive(ms) : bench.run(ms))

    it('sends servo pulses within 5 µs of what was asked, over the whole range', () => {
      if (kind === 'lockstep') bench.say(lockstep.arm(0))
      for (const { at0, at180 } of RANGES) {
        bench.say(firmata.configureServo(servo.pin, at0, at180))
        for (let degrees = 0; degrees <= 180; degrees += 5) {
          bench.say(firmata.writeServo(servo.pin, degrees))
          alive(2 * PERIOD_MS)
          bench.takePulsesUs(servo.pin)
          alive(2 * PERIOD_MS)
          assertPulses(bench.takePulsesUs(servo.pin), at0 + ((at180 - at0) * degrees) / 180)
        }
        for (const microseconds of [at0, 1000, 1357, 1500, 2001, at180]) {
          bench.say(firmata.writeServo(servo.pin, microseconds))
          alive(2 * PERIOD_MS)
          bench.takePulsesUs(servo.pin)
          alive(2 * PERIOD_MS)
          assertPulses(bench.takePulsesUs(servo.pin), microseconds)
        }
      }
      bench.say(firmata.setPinMode(servo.pin, 'output'), firmata.setDigitalPin(servo.pin, false))
      alive(PERIOD_MS)
      bench.takePulsesUs(servo.pin)
      alive(5 * PERIOD_MS)
      assert.deepEqual(bench.takePulsesUs(servo.pin), [], 'output mode ends the pulses')
    })

    it('converts volts to codes within 1 of floor(V / 5 · 1024), on every channel', () => {
      for (let channel = 0; channel < 6; channel++) {
        for (const volts of [0, 0.003, 0.5, 1.2345, 2.5, 3.3, 4.9999, 5]) {
          bench.volts[channel] = volts
          bench.say(firmata.reportAnalog(channel, true))
          bench.run(40)
          const last = bench
            .take()
            .filter((message) => message.type === 'analog' && message.channel === channel)
          const value = last.at(-1)?.type === 'analog' ? (last.at(-1) as { value: number }).value : NaN
          const expected = Math.min(1023, Math.floor((volts / 5) * 1024))
          assert.ok(Math.abs(value - expected) <= 1, `channel ${channel}: ${value} for ${volts} V`)
          bench.say(firmata.reportAnalog(channel, false))
        }
      }
    })

    it('loses none of 12,000 bytes in full duplex', () => {
      bench.say(firmata.setSamplingInterval(10), firmata.reportAnalog(0, true))
      bench.run(30)
      bench.take()
      let asked = 0
      let heard = 0
      const count = (messages: FirmataMessage[]) => {
        heard += messages.filter(({ type }) => type === 'version').length
      }
      // 12,000 questions of one byte, and as many answers of three: the line is full in both directions.
      for (; asked < 12_000; asked++) {
        bench.say(firmata.askVersion())
        bench.run(0.6)
        count(bench.take())
      }
      bench.run(100)
      count(bench.take())
      assert.equal(heard, asked)
      bench.say(firmata.reportAnalog(0, false))
    })

    it('reads an open input high under its pull-up, and low when the wire is grounded', () => {
      bench.say(firmata.setPinMode(2, 'pullUp'), firmata.reportDigital(0, true))
      bench.run(20)
      bench.board.setInput(2, false)
      bench.run(20)
      const levels = bench
        .take()
        .map((message) => (message.type === 'digital' ? message.levels & 4 : undefined))
      assert.deepEqual([levels.includes(4), levels.at(-1)], [true, 0])
    })

    it('has its relay pin low when it starts, and lets go of it without power', () => {
      bench.board.powerOff()
      assert.equal(bench.edges.filter(({ pin }) => pin === relay.pin).at(-1)?.drive, 'open')
      bench.board.powerOn()
      bench.run(30)
      assert.notEqual(bench.edges.filter(({ pin }) => pin === relay.pin).at(-1)?.drive, 'high')
    })
  })
}

function assertPulses(widths: readonly number[], askedUs: number): void {
  assert.ok(widths.length >= 1, `no pulse for ${askedUs} µs`)
  for (const width of widths) {
    assert.ok(Math.abs(width - askedUs) <= PULSE_TOLERANCE_US, `${width} µs for ${askedUs} µs`)
  }
}
