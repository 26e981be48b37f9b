/** The few messages of the Firmata protocol 2.5 (github.com/firmata/protocol) that are needed without johnny-five. */

const DIGITAL_MESSAGE = 0x90
const ANALOG_MESSAGE = 0xe0
const REPORT_ANALOG = 0xc0
const REPORT_DIGITAL = 0xd0
const START_SYSEX = 0xf0
const SET_PIN_MODE = 0xf4
const SET_DIGITAL_PIN_VALUE = 0xf5
const END_SYSEX = 0xf7
const REPORT_VERSION = 0xf9
const SERVO_CONFIG = 0x70
const REPORT_FIRMWARE = 0x79
const SAMPLING_INTERVAL = 0x7a

/** Longest system-exclusive message that is kept; a longer one is noise on the line. */
const MAX_SYSEX_BYTES = 512

export const PIN_MODE = { input: 0x00, output: 0x01, servo: 0x04, pullUp: 0x0b } as const

export const firmata = {
  setPinMode: (pin: number, mode: keyof typeof PIN_MODE) => [SET_PIN_MODE, pin, PIN_MODE[mode]],
  /** Only for a pin in output mode. */
  setDigitalPin: (pin: number, high: boolean) => [SET_DIGITAL_PIN_VALUE, pin, high ? 1 : 0],
  /** The firmware answers `on` at once with the value of the channel. */
  reportAnalog: (channel: number, on: boolean) => [REPORT_ANALOG | channel, on ? 1 : 0],
  /** The firmware answers `on` at once with the levels of the port (eight pins). */
  reportDigital: (port: number, on: boolean) => [REPORT_DIGITAL | port, on ? 1 : 0],
  askVersion: () => [REPORT_VERSION],
  askFirmware: () => [START_SYSEX, REPORT_FIRMWARE, END_SYSEX],
  setSamplingInterval: (ms: number) => [START_SYSEX, SAMPLING_INTERVAL, ms & 0x7f, ms >> 7, END_SYSEX],
  /** Pulse widths at 0° and 180°, microseconds. */
  configureServo: (pin: number, at0: number, at180: number) => [
    ...[START_SYSEX, SERVO_CONFIG, pin, at0 & 0x7f, at0 >> 7, at180 & 0x7f, at180 >> 7, END_SYSEX],
  ],
  /** Below 544 degrees, otherwise microseconds. */
  writeServo: (pin: number, value: number) => [ANALOG_MESSAGE | pin, value & 0x7f, value >> 7],
  /** Ends a message that a former speaker may have left half said. */
  endSysex: () => [END_SYSEX],
} as const

export type FirmataMessage =
  | { readonly type: 'analog'; readonly channel: number; readonly value: number }
  | { readonly type: 'digital'; readonly port: number; readonly levels: number }
  | { readonly type: 'version'; readonly major: number; readonly minor: number }
  | { readonly type: 'sysex'; readonly bytes: readonly number[] }

/**
 * Parses a board's stream piece by piece. Bytes that fit no message are passed over, so that it finds its way again
 * after a loss.
 */
export class FirmataParser {
  readonly #onMessage: (message: FirmataMessage) => void
  #pending: number[] = []

  constructor(onMessage: (message: FirmataMessage) => void) {
    this.#onMessage = onMessage
  }

  push(bytes: Uint8Array): void {
    for (const byte of bytes) this.#take(byte)
  }

  #take(byte: number): void {
    const [first] = this.#pending
    if (byte === END_SYSEX) {
      const bytes = this.#pending.slice(1)
      this.#pending = []
      if (first === START_SYSEX) this.#onMessage({ type: 'sysex', bytes })
      return
    }
    if (byte >= 0x80) {
      this.#pending = [byte]
      return
    }
    if (first === undefined) return
    this.#pending.push(byte)
    if (first === START_SYSEX) {
      if (this.#pending.length > MAX_SYSEX_BYTES) this.#pending = []
    } else if (this.#pending.length === 3) {
      const message = shortMessage(first, this.#pending[1] ?? 0, this.#pending[2] ?? 0)
      this.#pending = []
      if (message) this.#onMessage(message)
    }
  }
}

function shortMessage(command: number, low: number, high: number): FirmataMessage | undefined {
  if (command === REPORT_VERSION) return { type: 'version', major: low, minor: high }
  const value = low | (high << 7)
  const number = command & 0x0f
  if ((command & 0xf0) === ANALOG_MESSAGE) return { type: 'analog', channel: number, value }
  if ((command & 0xf0) === DIGITAL_MESSAGE) return { type: 'digital', port: number, levels: value }
  return undefined
}
