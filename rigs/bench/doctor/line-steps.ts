/** What is measured on the board's line itself, before the driver takes it. */
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { firmata, FirmataParser, type FirmataMessage } from '../../drivers/arduino/firmata-wire.js'
import {
  guardStatusIn,
  LOCKSTEP_FIRMWARE,
  lockstep,
  type GuardStatus,
} from '../../drivers/arduino/lockstep-wire.js'
import type { PinMap } from '../../pin-map.js'
import type { HostAndPort } from '../board/board-client.js'
import { RigTimeout } from '../rig-errors.js'
import { cannotTell, judge, type Finding } from './finding.js'

/** StandardFirmata blinks its version for 2–3 s after a reset. */
const BOOT_MS = 15_000
const ASK_AGAIN_MS = 250
const ANSWER_MS = 2_000
const QUESTIONS = 100

/** The median of a virtual board is 2–3 ms, of an Uno over USB 4–5 ms: beyond these a stop comes late. */
const MEDIAN_LIMIT_MS = 50
const SLOWEST_LIMIT_MS = 250

/** The promise of the guard, and its relay's contact beside it. */
const HEARTBEAT_LIMIT_MS = 500

/** A board's line with questions and answers on it. */
export class DoctorLine {
  readonly #stream: Duplex
  readonly #listeners = new Set<(message: FirmataMessage) => void>()

  private constructor(stream: Duplex) {
    this.#stream = stream
    const parser = new FirmataParser((message) => {
      for (const listener of this.#listeners) listener(message)
    })
    stream.on('data', (bytes: Buffer) => parser.push(bytes))
    stream.on('error', () => stream.destroy())
  }

  static async open(relay: HostAndPort): Promise<DoctorLine> {
    const socket = connect(relay)
    await once(socket, 'connect')
    return new DoctorLine(socket.setNoDelay())
  }

  /** The first answer that `pick` takes. @throws RigTimeout */
  async ask<T>(
    what: string,
    bytes: readonly number[],
    pick: (message: FirmataMessage) => T | undefined,
    waitMs = ANSWER_MS,
  ) {
    return new Promise<T>((resolve, reject) => {
      const end = () => {
        clearTimeout(deadline)
        this.#listeners.delete(listen)
      }
      const deadline = setTimeout(() => {
        end()
        reject(new RigTimeout(what, waitMs))
      }, waitMs)
      const listen = (message: FirmataMessage) => {
        const picked = pick(message)
        if (picked === undefined) return
        end()
        resolve(picked)
      }
      this.#listeners.add(listen)
      this.write(bytes)
    })
  }

  write(bytes: readonly number[]): void {
    if (this.#stream.writable) this.#stream.write(Uint8Array.from(bytes))
  }

  /** Waits until the firmware answers. @returns its name. @throws RigTimeout */
  async awaitFirmware(patience: number): Promise<string> {
    const again = setInterval(() => this.write(firmata.askFirmware()), ASK_AGAIN_MS)
    try {
      return await this.ask(
        'an answer of the firmware',
        firmata.askFirmware(),
        firmwareNameIn,
        BOOT_MS * patience,
      )
    } finally {
      clearInterval(again)
    }
  }

  close(): void {
    this.#stream.destroy()
  }
}

/** REPORT_FIRMWARE: major, minor, then the name with two 7-bit bytes a letter. */
function firmwareNameIn(message: FirmataMessage): string | undefined {
  if (message.type !== 'sysex' || message.bytes[0] !== 0x79 || message.bytes.length < 5) return undefined
  const letters = message.bytes.slice(3)
  return letters.reduce(
    (name, low, i) => (i % 2 ? name : name + String.fromCharCode(low | ((letters[i + 1] ?? 0) << 7))),
    '',
  )
}

/** Round trips of a question that the firmware answers at once. */
export async function measureLatency(line: DoctorLine, patience: number): Promise<Finding[]> {
  const times: number[] = []
  for (let i = 0; i < QUESTIONS; i++) {
    const askedAt = performance.now()
    await line.ask('an answer to a version request', firmata.askVersion(), (message) =>
      message.type === 'version' ? true : undefined,
    )
    times.push(performance.now() - askedAt)
  }
  times.sort((a, b) => a - b)
  const at = (share: number) =>
    times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Infinity
  return [
    judge(`latency, median of ${QUESTIONS}`, at(0.5), {
      unit: 'ms',
      most: MEDIAN_LIMIT_MS * patience,
      digits: 1,
    }),
    judge('latency, 99th percentile', at(0.99), { unit: 'ms', most: SLOWEST_LIMIT_MS * patience, digits: 1 }),
  ]
}

/**
 * Supplies the actuator without pulses, falls silent, and looks when the firmware takes the power away: by the board's
 * own clock. The latch is lifted afterwards.
 */
export async function tryHeartbeatGuard(
  line: DoctorLine,
  firmware: string,
  pins: PinMap,
  patience: number,
): Promise<Finding> {
  const step = 'power off after the last heartbeat'
  if (firmware !== LOCKSTEP_FIRMWARE) return cannotTell(step, `${firmware} has no host watchdog`)
  const status = (what: string, bytes: readonly number[], isIt: (status: GuardStatus) => boolean) =>
    line.ask(
      what,
      bytes,
      (message) => {
        const found = guardStatusIn(message)
        return found && isIt(found) ? found : undefined
      },
      ANSWER_MS * patience,
    )
  const before = await status('the status of the guard', lockstep.askStatus(), () => true)
  const armed = await status('an armed guard', lockstep.arm(before.cuts), ({ armed }) => armed)
  line.write([
    ...firmata.setPinMode(pins.relay.pin, 'output'),
    ...firmata.setDigitalPin(pins.relay.pin, true),
  ])
  const cut = await status('a cut-off by the firmware', [], ({ latched }) => latched)
  await status(
    'the end of the latch',
    [...lockstep.arm(cut.cuts), ...lockstep.disarm()],
    ({ armed }) => !armed,
  )
  if (cut.cause !== 'heartbeat-lost') {
    return { step, verdict: 'fail', figure: `cut for ${cut.cause} first`, limit: 'cut for the silence alone' }
  }
  return judge(step, cut.cutAtMs - armed.boardMs, {
    unit: 'hardware ms',
    most: HEARTBEAT_LIMIT_MS,
    margin: 0,
  })
}
