import type { HardwareIdentity } from '../../../reference/ports/lock-hardware.js'
import { lockstepFirmataHashes } from '../../drivers/arduino/firmware/lockstep-firmata.js'
import { STANDARD_FIRMATA_SHA256 } from '../../simulated/virtual-arduino/standard-firmata.js'
import { cannotTell, type Finding } from './finding.js'

/** What StandardFirmata cannot promise, and why (facts of the firmware, not of this bench). */
export const STANDARD_FIRMATA_LACKS: readonly (readonly [string, string])[] = [
  [
    'power off when the host falls silent',
    'StandardFirmata has no host watchdog: pulses and relay stay as they were for as long as the board has power. Only the supervisor, and the external watchdog in the actuator’s supply, take the power away',
  ],
  [
    'relay off at a system reset message',
    'a relay pin that is HIGH stays HIGH: the safe sequence switches it off itself, and never relies on a reset',
  ],
  [
    'inputs as inputs at boot',
    'at boot it drives D2–D13 OUTPUT LOW: an active-low relay would close, and a contact that shorts a pin to 5 V would feed into an output. Use the active-high relay with its pull-down, and contacts to ground only',
  ],
  [
    'over-current cut and debounced limits in the board',
    'every protection runs on the host, one round trip later; a jam is cut by the controller alone',
  ],
  ['why the board was reset', 'it does not report the cause: a brown-out looks like a press of the button'],
]

/**
 * Which firmware runs, and by what that is known.
 * @param hexSha256 of the image that a virtual board was given; undefined where a board was flashed by somebody
 */
export function judgeFirmware(identity: HardwareIdentity, hexSha256: string | undefined): Finding[] {
  const { firmware, sourceSha256, resetCause } = identity
  if (sourceSha256 !== undefined) {
    const wanted = lockstepFirmataHashes().sourceSha256
    return [
      {
        step: 'firmware',
        verdict: sourceSha256 === wanted ? 'pass' : 'fail',
        figure: `${firmware}, sources ${sourceSha256}`,
        limit: `sources ${wanted}`,
      },
      {
        step: 'last reset',
        verdict: resetCause === undefined || /brown-out|watchdog/.test(resetCause) ? 'marginal' : 'pass',
        figure: resetCause ?? 'not told',
        limit: 'neither brown-out nor watchdog',
      },
    ]
  }
  const known: Finding =
    hexSha256 === undefined
      ? {
          ...cannotTell(
            'firmware',
            'it reports a name only; avrdude -U flash:v:FILE.hex:i compares the flash itself',
          ),
          figure: firmware,
        }
      : {
          step: 'firmware',
          verdict: hexSha256 === STANDARD_FIRMATA_SHA256 ? 'pass' : 'fail',
          figure: `${firmware}, image ${hexSha256}`,
          limit: `image ${STANDARD_FIRMATA_SHA256}`,
        }
  return [known, ...STANDARD_FIRMATA_LACKS.map(([step, note]) => cannotTell(step, note))]
}
