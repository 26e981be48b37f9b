import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readIntelHex } from './intel-hex.js'
import { RigFault } from '../../../reference/ports/faults.js'

/** Bytes of flash of the ATmega328P. */
export const FLASH_BYTES = 32 * 1024

/** Thrown when a firmware image is missing, or is not the one that the rig was tried with. */
export class UnknownFirmware extends RigFault {
  override readonly name = 'UnknownFirmware'
}

export interface Firmware {
  readonly image: Uint8Array
  readonly sha256: string
}

/**
 * Reads a firmware image (Intel HEX) and refuses any other than the pinned one.
 * @param pinned SHA-256 of the file
 * @throws UnknownFirmware, MalformedHex
 */
export function loadFirmware(file: string, pinned: string): Firmware {
  let hex: Buffer
  try {
    hex = readFileSync(file)
  } catch (cause) {
    throw new UnknownFirmware(`the firmware ${file} cannot be read; run npm ci`, { cause })
  }
  const sha256 = createHash('sha256').update(hex).digest('hex')
  if (sha256 !== pinned) {
    throw new UnknownFirmware(
      `the firmware ${file} has sha256 ${sha256}, but the rig was tried with ${pinned}; ` +
        'restore the file, or try the new one and pin it',
    )
  }
  return { image: readIntelHex(hex.toString('latin1'), FLASH_BYTES), sha256 }
}
