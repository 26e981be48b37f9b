import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { UnknownFirmware } from './firmware-image.js'

/**
 * The StandardFirmata that this rig was tried with: 2.5 for the Uno, as node-pixel 0.11.0 ships it (LGPL-2.1-or-later:
 * it stays in its package, and is never copied here).
 */
export const STANDARD_FIRMATA_SHA256 = '7f10412a0db694a0110aabcb353c856b699a075d848b065b3df146f4a3b4bcef'

/** @throws UnknownFirmware */
export function findStandardFirmata(): string {
  try {
    const packageFile = createRequire(import.meta.url).resolve('node-pixel/package.json')
    return join(dirname(packageFile), 'firmware', 'bin', 'firmata', 'uno', 'node_pixel_firmata.ino.hex')
  } catch (cause) {
    const message = 'the package node-pixel, which holds the firmware, is not installed; run npm ci'
    throw new UnknownFirmware(message, { cause })
  }
}
