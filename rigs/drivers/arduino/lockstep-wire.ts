/** LockstepFirmata's own messages: the user-defined sysex commands of `firmware/protocol.md`. */
import type { CutOff } from '../../../reference/ports/lock-hardware.js'
import type { FirmataMessage } from './firmata-wire.js'

/** Name that the firmware reports. */
export const LOCKSTEP_FIRMWARE = 'LockstepFirmata'

const START_SYSEX = 0xf0
const END_SYSEX = 0xf7
const HEARTBEAT = 0x01
const ARM = 0x02
const DISARM = 0x03
const STATUS = 0x04
const IDENTITY = 0x05

const STATUS_BYTES = 13
const IDENTITY_BYTES = 67

export const lockstep = {
  /** @param count any other number (modulo 128) than the last time */
  heartbeat: (count: number) => [START_SYSEX, HEARTBEAT, count & 0x7f, END_SYSEX],
  /** @param cuts the number of cut-offs of the last status: another one is refused */
  arm: (cuts: number) => [START_SYSEX, ARM, cuts & 0x7f, 0x7f - (cuts & 0x7f), END_SYSEX],
  disarm: () => [START_SYSEX, DISARM, END_SYSEX],
  askStatus: () => [START_SYSEX, STATUS, END_SYSEX],
  askIdentity: () => [START_SYSEX, IDENTITY, END_SYSEX],
} as const

/** Why the firmware took the actuator's power away last. All but `end-of-travel` are latched. */
export type CutCause = CutOff | 'end-of-travel' | 'none'

const CAUSES: readonly CutCause[] = ['none', 'heartbeat-lost', 'over-current', 'both-limits', 'end-of-travel']

/** What MCUSR showed when the chip started (ATmega328P datasheet 15.9.1). */
export type ResetCause = 'power-on' | 'reset-line' | 'brown-out' | 'watchdog'

const RESET_CAUSES: readonly ResetCause[] = ['power-on', 'reset-line', 'brown-out', 'watchdog']

export interface GuardStatus {
  readonly armed: boolean
  /** Disarmed by a protection; only an arm with the right number ends it. */
  readonly latched: boolean
  readonly relayHigh: boolean
  readonly pulsesOn: boolean
  /** Something was refused since the last status. */
  readonly refused: boolean
  readonly cause: CutCause
  /** Number of cut-offs, modulo 128. */
  readonly cuts: number
  /** Empty when a bootloader has cleared the register. */
  readonly resetCauses: readonly ResetCause[]
  /** Board milliseconds since reset, modulo 2^28: now, and at the last cut-off. */
  readonly boardMs: number
  readonly cutAtMs: number
}

export interface FirmwareIdentity {
  /** Version of the extension, e.g. `1.0`. */
  readonly extension: string
  /** SHA-256 of the firmware's sources. */
  readonly sourceSha256: string
}

/** Board times are given modulo so many milliseconds (28 bits: 74 hours). */
const BOARD_TIME_MODULUS = 2 ** 28

/** From `fromMs` to `toMs` on the board's clock, which may have wrapped once in between; hardware milliseconds. */
export function boardTimeBetween(fromMs: number, toMs: number): number {
  return (toMs - fromMs + BOARD_TIME_MODULUS) % BOARD_TIME_MODULUS
}

/** A cut-off that holds the actuator without power, as one status of the board gives it. */
export interface LatchedCutOff {
  readonly cause: CutOff
  /** From the cut to the status, hardware milliseconds. */
  readonly ageMs: number
}

/** The latch in a status, or undefined where none holds. */
export function latchedCutOff({ latched, cause, boardMs, cutAtMs }: GuardStatus): LatchedCutOff | undefined {
  if (!latched || cause === 'none' || cause === 'end-of-travel') return undefined
  return { cause, ageMs: boardTimeBetween(cutAtMs, boardMs) }
}

/** The status in a message, or undefined when it is another message or none that this firmware sends. */
export function guardStatusIn(message: FirmataMessage): GuardStatus | undefined {
  if (message.type !== 'sysex' || message.bytes[0] !== STATUS || message.bytes.length !== STATUS_BYTES) {
    return undefined
  }
  const [, flags = 0, causeNumber = 0, cuts = 0, reset = 0] = message.bytes
  const cause = CAUSES[causeNumber]
  if (!cause) return undefined
  return {
    armed: (flags & 1) !== 0,
    latched: (flags & 2) !== 0,
    relayHigh: (flags & 4) !== 0,
    pulsesOn: (flags & 8) !== 0,
    refused: (flags & 16) !== 0,
    cause,
    cuts,
    resetCauses: RESET_CAUSES.filter((_, bit) => (reset >> bit) & 1),
    boardMs: number28(message.bytes, 5),
    cutAtMs: number28(message.bytes, 9),
  }
}

/** The identity in a message, or undefined when it is another message. */
export function identityIn(message: FirmataMessage): FirmwareIdentity | undefined {
  if (message.type !== 'sysex' || message.bytes[0] !== IDENTITY || message.bytes.length !== IDENTITY_BYTES) {
    return undefined
  }
  const [, major = 0, minor = 0, ...digits] = message.bytes
  const sourceSha256 = String.fromCharCode(...digits)
  return /^[0-9a-f]{64}$/.test(sourceSha256) ? { extension: `${major}.${minor}`, sourceSha256 } : undefined
}

function number28(bytes: readonly number[], at: number): number {
  return [0, 1, 2, 3].reduce((sum, index) => sum + ((bytes[at + index] ?? 0) << (7 * index)), 0)
}
