import { createWriteStream, type WriteStream } from 'node:fs'
import { join } from 'node:path'
import { wgs84 } from '../../../reference/domain/coordinates.js'
import { createRedactor, runRedactionKey } from '../../evidence/redaction.js'
import { openTimeline, type Timeline } from '../../evidence/timeline.js'
import { lockPinMap } from '../../pin-map.js'
import { afterHardwareMs, hardwareMsOf } from '../../simulated/circuit.js'
import { isGpsFault } from '../../simulated/gps-receiver/gps-faults.js'
import { GpsReceiver } from '../../simulated/gps-receiver/gps-receiver.js'
import { LockPlant } from '../../simulated/lock-plant/lock-plant.js'
import { paceInRealTime, type Pace } from '../../simulated/virtual-arduino/pace.js'
import { spoilLine } from '../../simulated/virtual-arduino/line-faults.js'
import { dumpPins } from '../../simulated/virtual-arduino/vcd.js'
import { VirtualArduino } from '../../simulated/virtual-arduino/virtual-arduino.js'
import { SerialLinePort } from '../serial-line/serial-line-port.js'
import { BoardClockPort } from './board-clock.js'
import { boardTimeline } from './board-timeline.js'
import type {
  BoardCommand,
  BoardObservation,
  BoardReady,
  BoardSettings,
  LineDirection,
} from './board-messages.js'
import { HostPatience } from './host-patience.js'
import { RunQueueWait } from './run-queue-wait.js'
import { loadBoardFirmware } from './load-board-firmware.js'

/** A travel takes some 600 hardware ms. */
const TRAVEL_LOOK_MS = 5

/** What becomes of the bytes on the serial line. */
type BoardLine = Record<LineDirection, (bytes: Uint8Array) => Uint8Array>

/** One virtual Uno with its plant and its GPS receiver, in step with the wall, reachable on two TCP ports. */
export class VirtualBoard {
  readonly #board: VirtualArduino
  readonly #line: BoardLine
  readonly #plant: LockPlant
  readonly #gps: GpsReceiver
  readonly #pace: Pace
  readonly #timeline: Timeline
  readonly #files: readonly WriteStream[]
  #hosts = new RunQueueWait([process.ppid])
  #waitedForHostMs = 0

  /**
   * Builds the board with everything that is soldered to it, applies power and lets time run.
   * @throws UnknownFirmware, MalformedHex
   */
  static async start(settings: BoardSettings, onUartFree: () => void): Promise<VirtualBoard> {
    const firmware = loadBoardFirmware(settings.firmware)
    const sent: number[] = []
    const line: BoardLine = { 'to-board': (bytes) => bytes, 'from-board': (bytes) => bytes }
    const board = new VirtualArduino({ image: firmware.image, onByte: (byte) => sent.push(byte) })
    const host: HostPatience = new HostPatience({
      hardwareMs: () => hardwareMsOf(board),
      isExpected: () => uart.taken && virtual.#plant.observe().supplied,
      hostWaitedMs: () => virtual.#hosts.totalMs(),
      onUsed: (waitedMs) => virtual.#waitedForHost(waitedMs),
    })
    const uart = new SerialLinePort({
      onBytes: (bytes) => {
        host.heard()
        board.receive(line['to-board'](bytes))
      },
      // DTR falls when the port is opened, and a capacitor passes that on to the reset line.
      onOpened: () => board.reset(),
      onGone: onUartFree,
    })
    const gpsLine = new SerialLinePort({ onBytes: () => {} })
    const uartPort = await uart.listen()
    const gpsPort = await gpsLine.listen()
    const clock = new BoardClockPort(() => hardwareMsOf(board))
    const clockPort = await clock.listen()
    const ready = { uartPort, gpsPort, clockPort, firmwareSha256: firmware.sha256 }
    const virtual: VirtualBoard = new VirtualBoard(
      settings,
      board,
      sent,
      line,
      uart,
      gpsLine,
      clock,
      ready,
      host,
    )
    return virtual
  }

  private constructor(
    settings: BoardSettings,
    board: VirtualArduino,
    sent: number[],
    line: BoardLine,
    readonly uart: SerialLinePort,
    readonly gpsLine: SerialLinePort,
    private readonly clock: BoardClockPort,
    readonly ready: BoardReady,
    host: HostPatience,
  ) {
    const trace = createWriteStream(join(settings.evidenceFolder, 'plant.ndjson'))
    const pins = createWriteStream(join(settings.evidenceFolder, 'pins.vcd'))
    this.#files = [trace, pins]
    this.#board = board
    this.#line = line
    this.#timeline = openTimeline({
      folder: settings.timelineFolder,
      process: 'board',
      redactor: createRedactor(runRedactionKey()),
    })
    const tellEdges = boardTimeline(this.#timeline)
    this.#plant = new LockPlant(board, lockPinMap, {
      bolt: settings.bolt,
      onTrace: (record) => {
        trace.write(`${JSON.stringify(record)}\n`)
        tellEdges(record, board.cycle)
      },
      onBrownOut: () => board.reset('brownOut'),
    })
    this.#gps = new GpsReceiver(board, {
      position: wgs84(settings.latitude, settings.longitude),
      seed: settings.gpsSeed,
      startEpochMs: settings.gpsStartEpochMs,
      onSentences: (text) => gpsLine.write(text),
    })
    const { relay, servo } = lockPinMap
    pins.write(`$comment firmware ${settings.firmware}, sha256 ${ready.firmwareSha256} $end\n`)
    dumpPins(board, { relay: relay.pin, servo: servo.pin }, (text) => pins.write(text))
    board.powerOn()
    this.#pace = paceInRealTime(board, {
      timeScale: settings.timeScale,
      afterSlice: () => {
        if (sent.length > 0) uart.write(line['from-board'](Uint8Array.from(sent.splice(0))))
      },
      // Only a firmware with a guard minds a host that is late.
      ...(settings.hostPatience && settings.firmware === 'lockstep' && { mayRun: () => host.mayRun() }),
    })
  }

  /** Carries a command out. @returns what is to be seen once it has been */
  async execute(command: BoardCommand): Promise<BoardObservation> {
    switch (command.type) {
      case 'set-vehicle':
        this.#plant.setVehiclePresent(command.present)
        break
      case 'set-tampered':
        this.#plant.setTampered(command.tampered)
        break
      case 'jam':
        this.#plant.jamAt(command.degrees)
        break
      case 'set-speed':
        this.#plant.setSpeedFactor(command.factor)
        break
      case 'set-power':
        this.#setPower(command.on)
        break
      case 'cut-power-in-travel':
        await this.#untilTravelling(command.withinHardwareMs)
        if (this.#plant.observe().bolt === 'between') this.#setPower(false)
        break
      case 'inject':
        if (isGpsFault(command.fault)) this.#gps.inject(command.fault)
        else this.#plant.inject(command.fault)
        break
      case 'mend':
        this.#plant.mend()
        this.#gps.mend()
        break
      case 'reset':
        this.#board.reset()
        break
      case 'freeze':
        this.#board.freeze()
        break
      case 'brown-out':
        this.#board.reset('brownOut')
        break
      case 'set-plugged':
        if (command.plugged) this.uart.letIn()
        else this.uart.hold()
        break
      case 'spoil-line':
        this.#line[command.direction] = command.fault ? spoilLine(command.fault) : (bytes) => bytes
        break
      case 'await-hardware':
        await this.elapsed(command.elapsedMs)
        break
      case 'await-hardware-time':
        await this.elapsed(command.hardwareMs - hardwareMsOf(this.#board))
        break
      case 'set-hosts':
        this.#hosts = new RunQueueWait(command.pids)
        break
      case 'observe':
      case 'close':
        break
    }
    return this.#observe()
  }

  /** Resolves after so many more hardware milliseconds. */
  elapsed(ms: number): Promise<void> {
    return new Promise((resolve) => afterHardwareMs(this.#board, Math.max(0, ms), resolve))
  }

  /** Looked at on the board's own time: a slow host sees the same travel. */
  async #untilTravelling(withinHardwareMs: number): Promise<void> {
    const until = hardwareMsOf(this.#board) + withinHardwareMs
    while (this.#plant.observe().bolt !== 'between' && hardwareMsOf(this.#board) < until) {
      await this.elapsed(TRAVEL_LOOK_MS)
    }
  }

  /** The battery is taken out. */
  powerOff(): void {
    this.#setPower(false)
  }

  /** Stops time, lets go of the ports and writes the evidence out. */
  async close(): Promise<void> {
    this.#pace.stop()
    this.uart.close()
    this.gpsLine.close()
    this.clock.close()
    this.#timeline.close()
    await Promise.all(this.#files.map((file) => new Promise<void>((done) => file.end(done))))
  }

  /** The battery feeds the chip, the actuator and the receiver; the serial bridge hangs on the host's USB. */
  #setPower(on: boolean): void {
    this.#plant.setBatteryIn(on)
    this.#gps.setPowered(on)
    if (on) this.#board.powerOn()
    else this.#board.powerOff()
  }

  /** What no soldered board does is in the evidence whenever it was done. */
  #waitedForHost(waitedMs: number): void {
    this.#waitedForHostMs += waitedMs
    this.#timeline.record({
      wire: 'lock ↔ board (Firmata)',
      kind: 'event',
      from: 'board',
      event: 'waited-for-host',
      body: { wallMs: Math.round(waitedMs), hardwareMs: hardwareMsOf(this.#board) },
    })
  }

  #observe(): BoardObservation {
    return {
      ...this.#plant.observe(),
      powered: this.#board.powered,
      droppedMs: Math.round(this.#pace.droppedMs),
      waitedForHostMs: Math.round(this.#waitedForHostMs),
    }
  }
}
