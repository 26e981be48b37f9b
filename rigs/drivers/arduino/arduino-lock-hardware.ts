import type { Duplex } from 'node:stream'
import type { Firmata } from 'firmata-io'
import five, { type Board, type Relay } from 'johnny-five'
import {
  HardwareGone,
  type BoltTarget,
  type HardwareIdentity,
  type HardwareLoss,
  type HardwareSample,
  type LockHardware,
} from '../../../reference/ports/lock-hardware.js'
import { ADC_REFERENCE_VOLTS, ADC_STEPS, type InputPin, type PinMap } from '../../pin-map.js'
import { BoardLinkFailed, BoardSilent } from './arduino-errors.js'
import { connectBoard } from './connect-board.js'
import { firmata } from './firmata-wire.js'

/** Hardware milliseconds between two samples: firmata-io's shortest. 100 a second, the port asks for 50. */
const SAMPLING_MS = 10

/** How long the line may take to end by itself, wall milliseconds. */
const LINE_END_MS = 300

export interface ArduinoOptions {
  /** The board's serial line: a TCP socket of a virtual board or of a relay, or a serial port at 57600 baud, 8N1. */
  readonly stream: Duplex
  readonly pins: PinMap
  /** Name that the firmware must report, e.g. `StandardFirmata.ino`; any, when it is not given. */
  readonly firmware?: string
  /** How long the board may take to be ready, wall milliseconds. */
  readonly connectMs?: number
  /** With no sample for so long the board counts as gone, wall milliseconds. */
  readonly silenceMs?: number
}

/**
 * Reaches a lock's body through an Arduino Uno that runs StandardFirmata. johnny-five has no way to let go of a board,
 * so a process connects to each board once.
 *
 * Hardware time is the number of the board's own analog reports times their interval: it needs no clock of the host,
 * and is the same on a simulated and on a soldered board.
 * @throws BoardSilent, BoardLinkFailed, WrongFirmware
 */
export async function connectArduinoLock(options: ArduinoOptions): Promise<LockHardware> {
  const { stream, pins, firmware, connectMs = 15_000, silenceMs = 1_000 } = options
  const { board, io } = await connectBoard(stream, { connectMs, samplingMs: SAMPLING_MS, firmware })
  const hardware = new ArduinoLockHardware(stream, board, io, pins, silenceMs)
  try {
    await hardware.firstSample
    return hardware
  } catch (error) {
    stream.destroy()
    throw error
  }
}

class ArduinoLockHardware implements LockHardware {
  readonly identity: HardwareIdentity
  /** Resolves with the first complete sample. */
  readonly firstSample: Promise<void>
  readonly #stream: Duplex
  readonly #board: Board
  readonly #pins: PinMap
  readonly #outputMode: number
  readonly #relay: Relay
  readonly #silence: NodeJS.Timeout
  readonly #sampleListeners = new Set<(sample: HardwareSample) => void>()
  readonly #lossListeners = new Set<(loss: HardwareLoss) => void>()
  #gone: HardwareLoss | 'closed' | undefined
  #samples = 0
  #latest: HardwareSample = {
    hardwareMs: 0,
    limitUp: false,
    limitDown: false,
    vehiclePresent: false,
    tampered: false,
    actuatorSupplied: false,
    motorCurrentAmps: 0,
    batteryVolts: 0,
  }

  constructor(stream: Duplex, board: Board, io: Firmata, pins: PinMap, silenceMs: number) {
    this.#stream = stream
    this.#board = board
    this.#pins = pins
    this.#outputMode = io.MODES.OUTPUT
    const { name = 'unknown firmware', version } = io.firmware
    this.identity = {
      board: 'Arduino Uno (ATmega328P)',
      firmware: `${name} ${version?.major ?? 0}.${version?.minor ?? 0}`,
    }
    board.pinMode(pins.relay.pin, io.MODES.OUTPUT)
    this.#relay = new five.Relay({ board, pin: pins.relay.pin, type: 'NO' })
    this.release()
    this.#silence = setTimeout(() => this.#checkSilence(), silenceMs)
    io.on('close', () => this.#lose('link-closed'))
    // Everything that was asked before the board got ready is answered: now it reports itself only after a reset.
    io.on('queryfirmware', () => this.#lose('board-reset'))
    this.#readInputs(io)
    this.firstSample = new Promise((resolve, reject) => {
      const offSample = this.onSample(() => {
        offSample()
        offLost()
        resolve()
      })
      const offLost = this.onLost((loss) => {
        reject(loss === 'link-closed' ? new BoardLinkFailed() : new BoardSilent(silenceMs))
      })
    })
  }

  get sample(): HardwareSample {
    return this.#latest
  }

  drive(target: BoltTarget): void {
    this.#requireHardware()
    const { pin, pulseUs, degrees } = this.#pins.servo
    // Not johnny-five's Servo: its `to()` drops an angle that repeats, and after a release it must be sent again.
    // Pulses before supply: a servo that wakes without them may twitch.
    this.#board.servoConfig(pin, pulseUs.at0, pulseUs.at180)
    this.#board.servoWrite(pin, degrees[target])
    this.#relay.close()
  }

  release(): void {
    this.#requireHardware()
    this.#relay.open()
    // Firmata has no "detach": output mode ends the pulses.
    this.#board.pinMode(this.#pins.servo.pin, this.#outputMode)
    this.#board.digitalWrite(this.#pins.servo.pin, 0)
  }

  onSample(listener: (sample: HardwareSample) => void): () => void {
    this.#sampleListeners.add(listener)
    return () => this.#sampleListeners.delete(listener)
  }

  onLost(listener: (loss: HardwareLoss) => void): () => void {
    this.#lossListeners.add(listener)
    return () => this.#lossListeners.delete(listener)
  }

  async close(): Promise<void> {
    if (this.#gone === 'closed') return
    if (!this.#gone) {
      this.release()
      this.#stream.write(Buffer.from(this.#stopReports()))
    }
    this.#gone = 'closed'
    clearTimeout(this.#silence)
    if (this.#stream.destroyed) return
    // The last bytes switch the supply off: give them time to leave before the line is torn down.
    await new Promise<void>((resolve) => {
      const deadline = setTimeout(resolve, LINE_END_MS)
      this.#stream.once('close', () => {
        clearTimeout(deadline)
        resolve()
      })
      this.#stream.end()
    })
    this.#stream.destroy()
  }

  #readInputs(io: Firmata): void {
    const { limitUp, limitDown, vehicle, tamper, contactSense, motorCurrent, battery } = this.#pins
    const read = (input: InputPin, take: (active: boolean) => Partial<HardwareSample>) => {
      this.#board.pinMode(input.pin, input.pull === 'up' ? io.MODES.PULLUP : io.MODES.INPUT)
      const activeLevel = input.active === 'high' ? 1 : 0
      this.#board.digitalRead(input.pin, (value) => this.#update(take(value === activeLevel)))
    }
    read(limitUp, (limitUp) => ({ limitUp }))
    read(limitDown, (limitDown) => ({ limitDown }))
    read(vehicle, (vehiclePresent) => ({ vehiclePresent }))
    read(tamper, (tampered) => ({ tampered }))
    read(contactSense, (actuatorSupplied) => ({ actuatorSupplied }))
    // The firmware reports channels in ascending order; a sample is whole when the last of them has come.
    const last = Math.max(motorCurrent.channel, battery.channel)
    const analog = (channel: number, take: (volts: number) => Partial<HardwareSample>) => {
      this.#board.analogRead(channel, (value) => {
        this.#update(take((value * ADC_REFERENCE_VOLTS) / ADC_STEPS))
        if (channel === last) this.#tellSample()
      })
    }
    analog(motorCurrent.channel, (volts) => ({ motorCurrentAmps: volts / motorCurrent.voltsPerAmp }))
    analog(battery.channel, (volts) => ({ batteryVolts: volts * battery.dividerRatio }))
  }

  #update(part: Partial<HardwareSample>): void {
    this.#latest = { ...this.#latest, ...part }
  }

  #tellSample(): void {
    if (this.#gone) return
    this.#samples++
    this.#silence.refresh()
    this.#update({ hardwareMs: this.#samples * SAMPLING_MS })
    for (const listener of this.#sampleListeners) listener(this.#latest)
  }

  /** Timers run before waiting bytes are read: a host that was stalled looks once more before it blames the board. */
  #checkSilence(): void {
    const samples = this.#samples
    setImmediate(() => {
      if (this.#samples === samples) this.#lose('no-samples')
    })
  }

  #lose(loss: HardwareLoss): void {
    if (this.#gone) return
    this.#gone = loss
    clearTimeout(this.#silence)
    for (const listener of this.#lossListeners) listener(loss)
  }

  #requireHardware(): void {
    if (this.#gone) throw new HardwareGone(this.#gone)
  }

  #stopReports(): number[] {
    const { motorCurrent, battery, limitUp, limitDown, vehicle, tamper, contactSense } = this.#pins
    const ports = new Set([limitUp, limitDown, vehicle, tamper, contactSense].map(({ pin }) => pin >> 3))
    return [
      ...[motorCurrent, battery].flatMap(({ channel }) => firmata.reportAnalog(channel, false)),
      ...[...ports].flatMap((port) => firmata.reportDigital(port, false)),
    ]
  }
}
