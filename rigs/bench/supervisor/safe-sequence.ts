import { firmata, type FirmataMessage } from '../../drivers/arduino/firmata-wire.js'
import { guardStatusIn, latchedCutOff, lockstep } from '../../drivers/arduino/lockstep-wire.js'
import { ADC_REFERENCE_VOLTS, ADC_STEPS, type PinMap } from '../../pin-map.js'
import type { Readback } from './safe-state.js'

/** A motor without supply draws nothing; this is what the ADC's steps and a shunt's offset may show, amperes. */
export const NO_CURRENT_AMPS = 0.1

/** The supervisor's own view of the board: bytes out, parsed messages in. */
export interface BoardLine {
  write(bytes: readonly number[]): void
  /** @returns unsubscribe */
  onMessage(listener: (message: FirmataMessage) => void): () => void
}

export type SafeOutcome =
  | { readonly confirmed: true; readonly readback: Readback }
  | { readonly confirmed: false; readonly problem: string; readonly readback: Readback | null }

/** How long one answer may take before the command is given again, wall milliseconds: a line may lose bytes. */
const ASK_AGAIN_MS = 300

/** So many readings in succession must show the actuator off: one may have been on its way before the command. */
const READINGS_NEEDED = 2

/**
 * Takes the actuator's power away in the safe order (relay off, then the servo's pulses), and asks the board's own
 * sensors until they show it. Firmata's pin state would be no proof: it repeats what was commanded. A firmware with a
 * guard is disarmed as well, and says so; StandardFirmata passes over that message. Every question repeats the command.
 * @param signal ends the attempt; the outcome is then unconfirmed
 */
export async function driveSafe(line: BoardLine, pins: PinMap, signal: AbortSignal): Promise<SafeOutcome> {
  const answers = new Answers(line, signal)
  let readback: Readback | null = null
  let answered = false
  let off = 0
  try {
    while (!signal.aborted && !answered) {
      line.write([...powerOff(pins), ...lockstep.askStatus(), ...firmata.askVersion()])
      // What comes after this answer was measured after the sequence: the line keeps its order.
      answered = (await answers.next((message) => message.type === 'version')) !== undefined
    }
    if (!answered) {
      return { confirmed: false, problem: 'the board does not answer: no power, or no firmware', readback }
    }
    while (!signal.aborted && off < READINGS_NEEDED) {
      const fresh = await readBack(line, answers, pins)
      if (!fresh) continue
      readback = fresh
      const isOff = !fresh.guard?.armed && !fresh.actuatorSupplied && fresh.motorCurrentAmps < NO_CURRENT_AMPS
      off = isOff ? off + 1 : 0
    }
    if (readback && off >= READINGS_NEEDED) {
      line.write(stopReports(pins))
      return { confirmed: true, readback }
    }
    const problem = readback?.guard?.armed
      ? "the firmware's guard does not disarm"
      : readback && off === 0
        ? 'the actuator still shows supply or current: is the relay welded?'
        : 'the board stopped to answer before it was read back'
    return { confirmed: false, problem, readback }
  } finally {
    answers.close()
  }
}

function powerOff({ relay, servo }: PinMap): number[] {
  return [
    ...firmata.endSysex(),
    ...lockstep.disarm(),
    ...firmata.setPinMode(relay.pin, 'output'),
    ...firmata.setDigitalPin(relay.pin, false),
    ...firmata.setPinMode(servo.pin, 'output'),
    ...firmata.setDigitalPin(servo.pin, false),
  ]
}

/** @returns undefined when the board does not answer in time */
async function readBack(line: BoardLine, answers: Answers, pins: PinMap): Promise<Readback | undefined> {
  const { contactSense, motorCurrent } = pins
  const port = contactSense.pin >> 3
  line.write([
    ...powerOff(pins),
    // The answer comes before the sensors', and only from a firmware that has a guard.
    ...lockstep.askStatus(),
    ...firmata.setPinMode(contactSense.pin, contactSense.pull === 'up' ? 'pullUp' : 'input'),
    ...firmata.reportDigital(port, true),
    ...firmata.reportAnalog(motorCurrent.channel, true),
  ])
  const digital = await answers.next((message) => message.type === 'digital' && message.port === port)
  // Awaited after the contact's level: a current from before the cut is not taken for one of now.
  const analog =
    digital &&
    (await answers.next((message) => message.type === 'analog' && message.channel === motorCurrent.channel))
  if (digital?.type !== 'digital' || analog?.type !== 'analog') return undefined
  const high = ((digital.levels >> (contactSense.pin & 7)) & 1) === 1
  const volts = (analog.value * ADC_REFERENCE_VOLTS) / ADC_STEPS
  return {
    actuatorSupplied: high === (contactSense.active === 'high'),
    motorCurrentAmps: Math.round((volts / motorCurrent.voltsPerAmp) * 1000) / 1000,
    ...(answers.guard && { guard: answers.guard }),
  }
}

/** The next client finds a quiet line. */
function stopReports({ motorCurrent, battery, limitUp, limitDown, vehicle, contactSense }: PinMap): number[] {
  const ports = new Set([limitUp, limitDown, vehicle, contactSense].map(({ pin }) => pin >> 3))
  return [
    ...[motorCurrent, battery].flatMap(({ channel }) => firmata.reportAnalog(channel, false)),
    ...[...ports].flatMap((port) => firmata.reportDigital(port, false)),
  ]
}

/** The board's messages one by one, until the signal. */
class Answers {
  readonly #signal: AbortSignal
  readonly #unsubscribe: () => void
  #wanted: ((message: FirmataMessage) => void) | undefined
  /** The last word of the firmware's guard, from firmware that has one. */
  guard: Readback['guard']

  constructor(line: BoardLine, signal: AbortSignal) {
    this.#signal = signal
    this.#unsubscribe = line.onMessage((message) => {
      const status = guardStatusIn(message)
      if (status) {
        const { armed, latched, cause } = status
        const cutOff = latchedCutOff(status)
        this.guard = { armed, latched, cause, ...(cutOff && { cutOff }) }
      }
      this.#wanted?.(message)
    })
  }

  /** The next message that `isIt` takes, or undefined when it does not come in time, or the attempt is over. */
  next(isIt: (message: FirmataMessage) => boolean): Promise<FirmataMessage | undefined> {
    if (this.#signal.aborted) return Promise.resolve(undefined)
    return new Promise((resolve) => {
      const end = (message?: FirmataMessage) => {
        clearTimeout(late)
        this.#wanted = undefined
        this.#signal.removeEventListener('abort', onAbort)
        resolve(message)
      }
      const late = setTimeout(() => end(), ASK_AGAIN_MS)
      const onAbort = () => end()
      this.#signal.addEventListener('abort', onAbort)
      this.#wanted = (message) => {
        if (isIt(message)) end(message)
      }
    })
  }

  close(): void {
    this.#unsubscribe()
  }
}
