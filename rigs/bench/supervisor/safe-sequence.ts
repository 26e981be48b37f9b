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

/**
 * Takes the actuator's power away in the safe order (relay off, then the servo's pulses), and asks the board's own
 * sensors until they show it. Firmata's pin state would be no proof: it repeats what was commanded. A firmware with a
 * guard is disarmed as well, and says so; StandardFirmata passes over that message.
 * @param signal ends the attempt; the outcome is then unconfirmed
 */
export async function driveSafe(line: BoardLine, pins: PinMap, signal: AbortSignal): Promise<SafeOutcome> {
  const answers = new Answers(line, signal)
  let readback: Readback | null = null
  try {
    line.write([
      ...firmata.endSysex(),
      ...lockstep.disarm(),
      ...firmata.setPinMode(pins.relay.pin, 'output'),
      ...firmata.setDigitalPin(pins.relay.pin, false),
      ...firmata.setPinMode(pins.servo.pin, 'output'),
      ...firmata.setDigitalPin(pins.servo.pin, false),
      ...lockstep.askStatus(),
      ...firmata.askVersion(),
    ])
    // What comes after this answer was measured after the sequence: the line keeps its order.
    if (!(await answers.next((message) => message.type === 'version'))) {
      return { confirmed: false, problem: 'the board does not answer: no power, or no firmware', readback }
    }
    for (;;) {
      const fresh = await readBack(line, answers, pins)
      if (!fresh) break
      readback = fresh
      if (!fresh.guard?.armed && !fresh.actuatorSupplied && fresh.motorCurrentAmps < NO_CURRENT_AMPS) {
        line.write(stopReports(pins))
        return { confirmed: true, readback }
      }
    }
    const problem = readback?.guard?.armed
      ? "the firmware's guard does not disarm"
      : readback
        ? 'the actuator still shows supply or current: is the relay welded?'
        : 'the board stopped to answer before it was read back'
    return { confirmed: false, problem, readback }
  } finally {
    answers.close()
  }
}

async function readBack(line: BoardLine, answers: Answers, pins: PinMap): Promise<Readback | undefined> {
  const { contactSense, motorCurrent } = pins
  const port = contactSense.pin >> 3
  line.write([
    // The answer comes before the sensors', and only from a firmware that has a guard.
    ...lockstep.disarm(),
    ...lockstep.askStatus(),
    ...firmata.setPinMode(contactSense.pin, contactSense.pull === 'up' ? 'pullUp' : 'input'),
    ...firmata.reportDigital(port, true),
    ...firmata.reportAnalog(motorCurrent.channel, true),
  ])
  const digital = await answers.next((message) => message.type === 'digital' && message.port === port)
  const analog = await answers.next(
    (message) => message.type === 'analog' && message.channel === motorCurrent.channel,
  )
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

  /** The next message that `isIt` takes, or undefined once the attempt is over. */
  next(isIt: (message: FirmataMessage) => boolean): Promise<FirmataMessage | undefined> {
    if (this.#signal.aborted) return Promise.resolve(undefined)
    return new Promise((resolve) => {
      const end = (message?: FirmataMessage) => {
        this.#wanted = undefined
        this.#signal.removeEventListener('abort', onAbort)
        resolve(message)
      }
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
