import { once } from 'node:events'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { firmata, FirmataParser, type FirmataMessage } from '../../drivers/arduino/firmata-wire.js'
import type { HostAndPort } from '../board/board-client.js'
import { RigTimeout } from '../rig-errors.js'

/** StandardFirmata blinks its version for 2–3 s after a reset. */
const BOOT_MS = 15_000
const ASK_AGAIN_MS = 250
/** How long one answer may take, wall milliseconds. */
export const ANSWER_MS = 2_000

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
