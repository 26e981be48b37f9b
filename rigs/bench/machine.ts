import { existsSync } from 'node:fs'
import type { Profile } from './profile-schema.js'
import { RigUnavailable } from './rig-errors.js'

/** What a machine offers to a rig; the default looks at this one. */
export interface Machine {
  readonly platform: string
  hasFile(path: string): boolean
}

const THIS_MACHINE: Machine = { platform: process.platform, hasFile: existsSync }

/**
 * Checks that this machine, and this version of Lockstep, have what a profile asks for.
 * @throws RigUnavailable for the first thing that is lacking; nothing falls back in silence
 */
export function requireMachine(profile: Profile, machine: Machine = THIS_MACHINE): void {
  requireBus(profile.bus.url, machine)
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
  requireScheme('store', profile.store.url, ['libsql'])
}

function requireBus(url: string, machine: Machine): void {
  if (url.startsWith('socketcan:')) {
    const name = url.slice('socketcan:'.length)
    if (machine.platform !== 'linux') {
      throw new RigUnavailable(
        `the bus ${url}: SocketCAN is Linux's, this is ${machine.platform}`,
        'use --rig virtual',
      )
    }
    if (!machine.hasFile('/proc/net/can')) {
      throw new RigUnavailable(
        `the bus ${url}: this kernel has no CAN (AF_CAN)`,
        'where the kernel has the modules, `modprobe can-raw` (and `modprobe vcan` for a virtual interface); where it ' +
          'has not, run in a kernel that has: Debian packages one as user-mode-linux. Without either, --rig virtual',
      )
    }
    if (!machine.hasFile(`/sys/class/net/${name}`)) {
      throw new RigUnavailable(
        `the bus ${url}: there is no interface ${name}`,
        name.startsWith('vcan')
          ? `ip link add dev ${name} type vcan && ip link set ${name} up`
          : `connect the adapter, then ip link set ${name} type can bitrate 500000 && ip link set ${name} up`,
      )
    }
  }
  requireScheme('bus', url, ['memory'])
}

function requireScheme(part: string, url: string, available: readonly string[]): void {
  const scheme = url.split(':')[0] ?? ''
  if (available.includes(scheme)) return
  throw new RigUnavailable(
    `the ${part} ${url}: this version has no ${scheme} driver`,
    `use ${available.map((name) => `${name}:`).join(' or ')}, as --rig virtual does`,
  )
}
