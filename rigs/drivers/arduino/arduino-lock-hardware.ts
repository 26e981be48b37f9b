import type { Duplex } from 'node:stream'
import type { Firmata } from 'firmata-io'
import five, { type Board, type Relay } from 'johnny-five'
import {
  CutOffLatched,
  HardwareGone,
  type BoltTarget,
  type HardwareIdentity,
  type HardwareLoss,
  type HardwareSample,
  type LockHardware,
} from '../../../reference/ports/lock-hardware.js'
import type { PinMap } from '../../pin-map.js'
import { BoardLinkFailed, BoardSilent } from './arduino-errors.js'
import { BoardWatch, type BoardWatchOptions } from './board-watch.js'
import { connectBoard } from './connect-board.js'
import { firmata } from './firmata-wire.js'
import { GuardLink } from './guard-link.js'
import { identifyFirmware, type FirmwareKind } from './identify-firmware.js'
import type { FirmwareIdentity } from './lockstep-wire.js'
import { readSensors, stopReports } from './sensor-readings.js'

/** Hardware milliseconds between two samples: firmata-io's shortest. 100 a second, the port asks for 50. */
const SAMPLING_MS = 10

/** How long the line may take to end by itself, wall milliseconds. */
const LINE_END_MS = 300

export interface ArduinoOptions {
  /** The board's serial line: a TCP socket of a virtual board or of a relay, or a serial port at 57600 baud, 8N1. */
  readonly stream: Duplex
  readonly pins: PinMap
  /** What the board must run; anything that speaks Firmata, when it is not given. */
  readonly firmware?: FirmwareKind
  /** How long the board may take to be ready, wall milliseconds. */
  readonly connectMs?: number
  /** With no sample for so long the board counts as gone, wall milliseconds. */
  readonly silenceMs?: number
  /**
   * The board's own time, hardware milliseconds, where something beside the line tells it (a virtual board's process):
   * a board that a busy host lets run too seldom is then not taken for one that stands still.
   */
  readonly hardwareClock?: () => Promise<number>
}

/**
 * Reaches a lock's body through an Arduino Uno that runs Lockstep's own firmware or StandardFirmata. johnny-five has no
 * way to let go of a board, so a process connects to each board once. What the own firmware adds, and how the driver uses
 * it, is in firmware/protocol.md.
 *
 * Hardware time is the number of the board's own analog reports times their interval: it needs no clock of the host,
 * and is the same on a simulated and on a soldered board.
 * @throws BoardSilent, BoardLinkFailed, WrongFirmware
 */
export async function connectArduinoLock(options: ArduinoOptions): Promise<LockHardware> {
  const { stream, pins, firmware, connectMs = 15_000, silenceMs = 800, hardwareClock } = options
  const { board, io } = await connectBoard(stream, { connectMs, samplingMs: SAMPLING_MS })
  try {
    const guard = new GuardLink(stream)
    const identity = await identifyFirmware(io.firmware.name ?? '', firmware, guard)
    const hardware = new ArduinoLockHardware(
      stream,
      board,
      io,
      pins,
      { silenceMs, ...(hardwareClock && { hardwareClock }) },
      identity && { guard, identity },
    )
    await hardware.firstSample
    return hardware
  } catch (error) {
    stream.destroy()
    throw error
  }
}

/** What Lockstep's own firmware adds. */
interface Guarded {
  readonly guard: GuardLink
  readonly identity: FirmwareIdentity
}

class ArduinoLockHardware implements LockHardware {
  readonly identity: HardwareIdentity
  /** Only with a firmware that has protections. */
  readonly rearm?: () => void
  /** Resolves with the first complete sample. */
  readonly firstSample: Promise<void>
  readonly #stream: Duplex
  readonly #board: Board
  readonly #pins: PinMap
  readonly #outputMode: number
  readonly #relay: Relay
  readonly #guard: GuardLink | undefined
  readonly #watch: BoardWatch
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

  constructor(
    stream: Duplex,
    board: Board,
    io: Firmata,
    pins: PinMap,
    silence: Pick<BoardWatchOptions, 'silenceMs' | 'hardwareClock'>,
    guarded: Guarded | undefined,
  ) {
    this.#stream = stream
    this.#guard = guarded?.guard
    this.#board = board
    this.#pins = pins
    this.#outputMode = io.MODES.OUTPUT
    const { name = 'unknown firmware', version } = io.firmware
    this.identity = {
      board: 'Arduino Uno (ATmega328P)',
      firmware: `${name} ${version?.major ?? 0}.${version?.minor ?? 0}`,
      ...(guarded && {
        sourceSha256: guarded.identity.sourceSha256,
        resetCause: guarded.guard.status?.resetCauses.join(', ') || 'unknown',
      }),
    }
    if (guarded) {
      this.rearm = () => {
        this.#requireHardware()
        guarded.guard.rearm()
      }
    }
    board.pinMode(pins.relay.pin, io.MODES.OUTPUT)
    this.#relay = new five.Relay({ board, pin: pins.relay.pin, type: 'NO' })
    this.release()
    this.#watch = new BoardWatch({
      ...silence,
      io,
      askVersion: () => this.#write(firmata.askVersion()),
      onLoss: (loss) => this.#lose(loss),
    })
    readSensors(
      board,
      io,
      pins,
      (part) => this.#update(part),
      () => this.#tellSample(),
    )
    this.firstSample = new Promise((resolve, reject) => {
      const offSample = this.onSample(() => {
        offSample()
        offLost()
        resolve()
      })
      const offLost = this.onLost((loss) => {
        reject(loss === 'link-closed' ? new BoardLinkFailed() : new BoardSilent(silence.silenceMs))
      })
    })
  }

  get sample(): HardwareSample {
    const cutOff = this.#guard?.cutOff
    return cutOff ? { ...this.#latest, cutOff: cutOff.cause, cutOffAgeMs: cutOff.ageMs } : this.#latest
  }

  drive(target: BoltTarget): void {
    this.#requireHardware()
    const cutOff = this.#guard?.cutOff
    if (cutOff) throw new CutOffLatched(cutOff.cause)
    const { pin, pulseUs, degrees } = this.#pins.servo
    const command = () => {
      // Not johnny-five's Servo: its `to()` drops an angle that repeats, and after a release it must be sent again.
      // Pulses before supply: a servo that wakes without them may twitch.
      this.#board.servoConfig(pin, pulseUs.at0, pulseUs.at180)
      this.#board.servoWrite(pin, degrees[target])
      this.#relay.close()
    }
    if (this.#guard) this.#guard.drive(command)
    else command()
  }

  release(): void {
    this.#requireHardware()
    this.#relay.open()
    // Firmata has no "detach": output mode ends the pulses.
    this.#board.pinMode(this.#pins.servo.pin, this.#outputMode)
    this.#board.digitalWrite(this.#pins.servo.pin, 0)
    this.#guard?.release()
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
      this.#write(stopReports(this.#pins))
    }
    this.#gone = 'closed'
    this.#watch.stop()
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

  #update(part: Partial<HardwareSample>): void {
    this.#latest = { ...this.#latest, ...part }
  }

  #tellSample(): void {
    if (this.#gone) return
    this.#samples++
    this.#watch.measured()
    this.#update({ hardwareMs: this.#samples * SAMPLING_MS })
    this.#guard?.measured(this.#latest.hardwareMs)
    const { sample } = this
    for (const listener of this.#sampleListeners) listener(sample)
  }

  #lose(loss: HardwareLoss): void {
    if (this.#gone) return
    this.#gone = loss
    this.#watch.stop()
    for (const listener of this.#lossListeners) listener(loss)
  }

  #write(bytes: readonly number[]): void {
    if (this.#stream.writable) this.#stream.write(Uint8Array.from(bytes))
  }

  #requireHardware(): void {
    if (this.#gone) throw new HardwareGone(this.#gone)
  }
}
