import { HOST, type ProbedSystem } from '../drivers/socketcan/interface-probe.js'
import { requireBus } from './can/rig-bus.js'
import type { Profile } from './profile-schema.js'
import { STORE_SCHEMES } from './parties/open-store.js'
import { RigUnavailable } from './rig-errors.js'

/**
 * Checks that this machine, and this version of Lockstep, have what a profile asks for.
 * @throws RigUnavailable for the first thing that is lacking; nothing falls back in silence
 */
export async function requireMachine(profile: Profile, system: ProbedSystem = HOST): Promise<void> {
  await requireBus(profile.bus, system)
  if (profile.lock.board !== 'virtual') {
    throw new RigUnavailable(
      `the lock's board at serial ${profile.lock.board.serial.ID_SERIAL}: this version drives the virtual board only`,
      'use a profile with `board: virtual`',
    )
  }
  if (profile.lock.firmware !== 'standard-firmata') {
    throw new RigUnavailable(
      `the firmware ${profile.lock.firmware}: this version runs StandardFirmata only`,
      'use a profile with `firmware: standard-firmata`',
    )
  }
  requireScheme('camera', profile.camera.url, ['rendered'])
  requireScheme('broker', profile.broker.url, ['embedded'])
  requireScheme('store', profile.store.url, STORE_SCHEMES)
}

function requireScheme(part: string, url: string, available: readonly string[]): void {
  const scheme = url.split(':')[0] ?? ''
  if (available.includes(scheme)) return
  throw new RigUnavailable(
    `the ${part} ${url}: this version has no ${scheme} driver`,
    `use ${available.map((name) => `${name}:`).join(' or ')}, as --rig virtual does`,
  )
}
