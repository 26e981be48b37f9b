import { WrongFirmware } from './arduino-errors.js'
import { lockstepFirmataHashes } from './firmware/lockstep-firmata.js'
import type { GuardLink } from './guard-link.js'
import { LOCKSTEP_FIRMWARE, type FirmwareIdentity } from './lockstep-wire.js'

/** What may run on a lock's board: Lockstep's own firmware, or StandardFirmata and what is made of it. */
export type FirmwareKind = 'lockstep' | 'standard-firmata'

/** Name that a StandardFirmata or a firmware made of it reports, e.g. `StandardFirmata.ino`. */
const STANDARD_NAME = /firmata/i

/**
 * Holds a board's firmware against what is wanted.
 * @param name as the board reports it
 * @param wanted any, when it is not given
 * @returns the identity of Lockstep's own firmware, or undefined for any other
 * @throws WrongFirmware for another kind, and for a firmware of ours that is built from other sources
 */
export async function identifyFirmware(
  name: string,
  wanted: FirmwareKind | undefined,
  guard: GuardLink,
): Promise<FirmwareIdentity | undefined> {
  const isOurs = name === LOCKSTEP_FIRMWARE
  if (wanted === 'lockstep' && !isOurs) throw new WrongFirmware(name, LOCKSTEP_FIRMWARE)
  if (wanted === 'standard-firmata' && (isOurs || !STANDARD_NAME.test(name))) {
    throw new WrongFirmware(name, 'StandardFirmata')
  }
  if (!isOurs) return undefined
  const identity = await guard.introduce()
  const { sourceSha256 } = lockstepFirmataHashes()
  if (identity?.sourceSha256 !== sourceSha256) {
    const found = identity ? `of sources ${identity.sourceSha256}` : 'that does not name its sources'
    throw new WrongFirmware(`${name} ${found}`, `${name} of sources ${sourceSha256}`)
  }
  return identity
}
