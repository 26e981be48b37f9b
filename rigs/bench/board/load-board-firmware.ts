import {
  LOCKSTEP_FIRMATA_HEX,
  lockstepFirmataHashes,
} from '../../drivers/arduino/firmware/lockstep-firmata.js'
import type { FirmwareKind } from '../../drivers/arduino/identify-firmware.js'
import { loadFirmware, type Firmware } from '../../simulated/virtual-arduino/firmware-image.js'
import {
  findStandardFirmata,
  STANDARD_FIRMATA_SHA256,
} from '../../simulated/virtual-arduino/standard-firmata.js'

/**
 * The image that a virtual board runs, held against its pinned hash.
 * @throws UnknownFirmware, MalformedHex
 */
export function loadBoardFirmware(kind: FirmwareKind): Firmware {
  return kind === 'lockstep'
    ? loadFirmware(LOCKSTEP_FIRMATA_HEX, lockstepFirmataHashes().hexSha256)
    : loadFirmware(findStandardFirmata(), STANDARD_FIRMATA_SHA256)
}
