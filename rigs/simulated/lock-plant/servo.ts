import { afterHardwareMs, type Circuit } from '../circuit.js'
import type { ServoPin } from '../../pin-map.js'

/** Pulses outside these widths are no command, microseconds (the usual range of a hobby servo, with margin). */
const SHORTEST_US = 400
const LONGEST_US = 2600

/** Without a pulse for three periods of 20 ms a servo goes limp. */
const PULSE_TIMEOUT_MS = 60

/** The command that a servo reads from the widths of the pulses on its signal wire. */
export class ServoSignal {
  /** Degrees, or undefined while no pulses come. */
  commandedDegrees: number | undefined
  /** A fault: the signal wire is cut. */
  cut = false

  /** @param onChange called when the command is another, or has ended */
  constructor(circuit: Circuit, servo: ServoPin, onChange: () => void) {
    let roseAt: number | undefined
    let callOff = () => {}
    const command = (degrees: number | undefined) => {
      if (degrees === this.commandedDegrees) return
      this.commandedDegrees = degrees
      onChange()
    }
    circuit.onEdge(servo.pin, ({ drive, cycle }) => {
      if (this.cut) return
      if (drive === 'high') {
        roseAt = cycle
        return
      }
      if (roseAt === undefined) return
      const widthUs = ((cycle - roseAt) * 1e6) / circuit.cyclesPerSecond
      roseAt = undefined
      if (widthUs < SHORTEST_US || widthUs > LONGEST_US) return
      callOff()
      callOff = afterHardwareMs(circuit, PULSE_TIMEOUT_MS, () => command(undefined))
      command(degreesOf(widthUs, servo))
    })
  }
}

/** To whole degrees: finer than the dead band of a hobby servo, coarser than the jitter of its pulses. */
function degreesOf(widthUs: number, { pulseUs }: ServoPin): number {
  const degrees = (180 * (widthUs - pulseUs.at0)) / (pulseUs.at180 - pulseUs.at0)
  return Math.round(Math.min(180, Math.max(0, degrees)))
}
