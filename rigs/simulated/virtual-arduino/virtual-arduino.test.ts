import assert from 'node:assert/strict'
import { before, describe, it, test } from 'node:test'
import { firmata, FirmataParser, type FirmataMessage } from '../../drivers/arduino/firmata-wire.js'
import type { PinEdge } from '../circuit.js'
import { loadFirmware, UnknownFirmware } from './firmware-image.js'
import { findStandardFirmata, STANDARD_FIRMATA_SHA256 } from './standard-firmata.js'
import { dumpPins } from './vcd.js'
import { UNO_HZ, VirtualArduino } from './virtual-arduino.js'

const MS = UNO_HZ / 1000
/** StandardFirmata blinks its version for 2.1 s before it listens. */
const BOOT_MS = 2_300
const SERVO = 9
const RELAY = 8

test('A firmware other than the pinned one is refused', () => {
  assert.throws(() => loadFirmware(findStandardFirmata(), '0'.repeat(64)), UnknownFirmware)
  assert.throws(() => loadFirmware('/nowhere/firmware.hex', STANDARD_FIRMATA_SHA256), UnknownFirmware)
})

describe('A virtual Uno that runs StandardFirmata', () => {
  const messages: FirmataMessage[] = []
  const edges: PinEdge[] = []
  const parser = new FirmataParser((message) => messages.push(message))
  let board: VirtualArduino
  let vcd = ''

  const say = (...commands: readonly number[][]) => board.receive(Uint8Array.from(commands.flat()))
  const runMs = (ms: number) => board.runUntil(board.cycle + ms * MS)
  const take = () => messages.splice(0)

  before(() => {
    board = new VirtualArduino({
      image: loadFirmware(findStandardFirmata(), STANDARD_FIRMATA_SHA256).image,
      onByte: (byte) => parser.push(Uint8Array.of(byte)),
    })
    board.setAnalogSource(0, () => 3.3)
    for (const pin of [SERVO, RELAY]) board.onEdge(pin, (edge) => edges.push(edge))
    dumpPins(board, { servo: SERVO }, (text) => (vcd += text), 6)
    board.powerOn()
    runMs(BOOT_MS)
  })

  it('reports protocol 2.5 by itself when it has booted', () => {
    assert.deepEqual(take()[0], { type: 'version', major: 2, minor: 5 })
  })

  it('converts volts: 3.3 V of 5 V are 675 of 1024', () => {
    say(firmata.reportAnalog(0, true))
    runMs(10)
    assert.deepEqual(take()[0], { type: 'analog', channel: 0, value: 675 })
    say(firmata.reportAnalog(0, false))
  })

  it('reads an open input high under its pull-up, and low when the wire is grounded', () => {
    say(firmata.setPinMode(2, 'pullUp'), firmata.reportDigital(0, true))
    runMs(10)
    board.setInput(2, false)
    runMs(10)
    const levels = take().map((message) => (message.type === 'digital' ? message.levels : undefined))
    assert.deepEqual([levels.includes(4), levels.at(-1)], [true, 0])
  })

  it('answers every one of 1500 questions while it streams, in full duplex', () => {
    say(firmata.reportAnalog(0, true))
    runMs(20)
    take()
    for (let question = 0; question < 1500; question++) {
      say(firmata.askVersion())
      runMs(1)
    }
    runMs(20)
    assert.equal(take().filter((message) => message.type === 'version').length, 1500)
    say(firmata.reportAnalog(0, false))
  })

  it('sends servo pulses of 1500 µs every 20 ms at 90°', () => {
    edges.length = 0
    const config = [0xf0, 0x70, SERVO, 600 & 0x7f, 600 >> 7, 2400 & 0x7f, 2400 >> 7, 0xf7]
    say(config, [0xe0 | SERVO, 90, 0])
    runMs(100)
    const rises = edges.filter(({ pin, drive }) => pin === SERVO && drive === 'high').slice(-2)
    const fall = edges.find(({ drive, cycle }) => drive === 'low' && cycle > (rises[0]?.cycle ?? 0))
    const widthUs = ((fall?.cycle ?? 0) - (rises[0]?.cycle ?? 0)) / 16
    const periodMs = ((rises[1]?.cycle ?? 0) - (rises[0]?.cycle ?? 0)) / MS
    assert.ok(Math.abs(widthUs - 1500) < 10, `${widthUs} µs`)
    assert.ok(Math.abs(periodMs - 20) < 0.1, `${periodMs} ms`)
  })

  it('dumps edges as VCD up to its bound', () => {
    assert.match(vcd, /^\$timescale 100 ps \$end/)
    assert.equal(vcd.match(/^#[1-9]/gm)?.length, 6)
    assert.match(vcd, /the dump ends here: 6 edges/)
  })

  it('lets go of every pin when power goes, loses its memory, and boots anew', () => {
    say(firmata.setPinMode(RELAY, 'output'), firmata.setDigitalPin(RELAY, true))
    runMs(5)
    const relay = () => edges.filter(({ pin }) => pin === RELAY).at(-1)?.drive
    assert.equal(relay(), 'high')
    board.powerOff()
    assert.equal(relay(), 'open')
    const before = board.cycle
    say(firmata.askVersion())
    runMs(50)
    assert.ok(board.cycle >= before + 50 * MS, 'time goes on without power')
    take()
    board.powerOn()
    runMs(5)
    assert.deepEqual(take(), [])
    board.reset()
    runMs(BOOT_MS)
    assert.equal(take()[0]?.type, 'version')
    assert.equal(relay(), 'low')
  })
})
