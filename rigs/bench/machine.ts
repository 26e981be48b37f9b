import { HOST, type ProbedSystem } from '../drivers/socketcan/interface-probe.js'
import { parseCameraUrl } from '../drivers/camera/camera-url.js'
import { requireBus } from './can/rig-bus.js'
import { SETTINGS } from './camera/rendered-settings.js'
import type { Profile } from './profile-schema.js'
import { STORE_SCHEMES } from './parties/open-store.js'
import { probeSerialPort } from '../serial/open-serial-port.js'
import { nameOfTarget } from '../serial/serial-target.js'
import { serialTargetOf } from './lock/lock-board.js'
import { BROKER_SCHEMES } from './broker/open-broker.js'
import { RigUnavailable } from './rig-errors.js'

/**
 * Checks that this machine, and this version of Lockstep, have what a profile asks for.
 * @throws NoSuchSerialPort, SeveralSerialPorts, SerialPortForbidden, SerialPortInUse
 * @throws RigUnavailable for the first thing that is lacking; nothing falls back in silence
 */
export async function requireMachine(profile: Profile, system: ProbedSystem = HOST): Promise<void> {
  await requireBus(profile.bus, system)
  const serial = serialTargetOf(profile.lock.board)
  if (serial) {
    await probeSerialPort(serial)
    throw new RigUnavailable(
      `a run on the lock's board at ${nameOfTarget(serial)}: its features need hands at the bench, which this version has on the virtual board only`,
      'use a profile with `board: virtual`; lockstep lock, doctor and safe work on this board',
    )
  }
  requireCamera(profile.camera, system)
  requireScheme('broker', profile.broker.url, BROKER_SCHEMES)
  requireScheme('store', profile.store.url, STORE_SCHEMES)
}

/** Whether it can be opened, the lock finds out: here only what needs no opening is looked at. */
function requireCamera({ url }: Profile['camera'], system: ProbedSystem): void {
  const camera = parseCameraUrl(url, SETTINGS)
  if (camera.kind !== 'v4l2') return
  if (system.platform !== 'linux')
    throw new RigUnavailable(`the camera ${url}: V4L2 is Linux's`, 'use a network camera, http://…')
  if (!system.exists(camera.device))
    throw new RigUnavailable(
      `the camera ${url}: there is no ${camera.device}`,
      'plug it in; v4l2-ctl --list-devices (v4l-utils) tells what is there',
    )
}

function requireScheme(part: string, url: string, available: readonly string[]): void {
  const scheme = url.split(':')[0] ?? ''
  if (available.includes(scheme)) return
  throw new RigUnavailable(
    `the ${part} ${url}: this version has no ${scheme} driver`,
    `use ${available.map((name) => `${name}:`).join(' or ')}, as --rig virtual does`,
  )
}
