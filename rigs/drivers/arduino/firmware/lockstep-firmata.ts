import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../../../reference/package-root.js'

/** What `npm run firmware` writes beside the image. */
export interface FirmwareHashes {
  readonly hexSha256: string
  readonly sourceSha256: string
}

const FOLDER = join(packageRoot, 'rigs', 'drivers', 'arduino', 'firmware')

/** The committed image, Intel HEX, and the hashes that it must have. */
export const LOCKSTEP_FIRMATA_HEX = join(FOLDER, 'lockstep-firmata.hex')

/** The hashes of the firmware that this version of Lockstep drives. */
export function lockstepFirmataHashes(): FirmwareHashes {
  return JSON.parse(readFileSync(join(FOLDER, 'lockstep-firmata.json'), 'utf8')) as FirmwareHashes
}
