import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { readIntelHex } from './intel-hex.js'

/** Bytes of flash of the ATmega328P. */
export const FLASH_BYTES = 32 * 1024

/**
 * The firmware that this rig was tried with: StandardFirmata 2.5 for the Uno, as node-pixel 0.11.0 ships it
 * (LGPL-2.1-or-later: it stays in its package, and is never copied here).
 */
export const STANDARD_FIRMATA_SHA256 = '7f10412a0db694a0110aabcb353c856b699a075d848b065b3df146f4a3b4bcef'

/** Thrown when the firmware image is missing, or is not the one that the rig was tried with. */
export class UnknownFirmware extends Error {
  override readonly name = 'UnknownFirmware'
}

export interface Firmware {
  readonly image: Uint8Array
  readonly sha256: string
}

/** @throws UnknownFirmware */
export function findStandardFirmata(): string {
  try {
    const packageFile = createRequire(import.meta.url).resolve('node-pixel/package.json')
    return join(dirname(packageFile), 'firmware', 'bin', 'firmata', 'uno', 'node_pixel_firmata.ino.hex')
  } catch (cause) {
    throw new UnknownFirmware(
      'the package node-pixel, which holds the firmware, is not installed; run npm ci',
      {
        cause,
      },
    )
  }
}

/**
 * Reads a firmware image and refuses any other than the pinned one.
 * @throws UnknownFirmware, MalformedHex
 */
export function loadFirmware(file = findStandardFirmata(), pinned = STANDARD_FIRMATA_SHA256): Firmware {
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
        'install the package version of the lock file, or try the new one and pin it',
    )
  }
  return { image: readIntelHex(hex.toString('latin1'), FLASH_BYTES), sha256 }
}
