import { InvalidCanUrl, parseCanUrl } from '../../../reference/can/can-url.js'
import { CanBusUnavailable, type CanBus, type CanOpenOptions } from '../../../reference/ports/can-bus.js'
import { HOST, probeInterface, type ProbedSystem } from '../../drivers/socketcan/interface-probe.js'
import type { Fidelity, Profile } from '../profile-schema.js'
import { RigUnavailable } from '../rig-errors.js'
import { openCanBus } from './open-can-bus.js'

/** The bus of a profile, with the bit rate that the profile asks for wherever a driver can use or check it. */
export function rigBusUrl({ url, bitrate }: Profile['bus']): string {
  const { scheme } = parseCanUrl(url)
  const takesBitrate = scheme === 'memory' || scheme === 'socketcan' || scheme === 'slcan'
  if (!takesBitrate || /[?&]bitrate=/.test(url)) return url
  return `${url}${url.includes('?') ? '&' : '?'}bitrate=${bitrate}`
}

function asRigUnavailable(error: unknown): unknown {
  if (error instanceof CanBusUnavailable) {
    return new RigUnavailable(`the bus ${error.message.replace(`. ${error.mend}`, '')}`, error.mend)
  }
  if (error instanceof InvalidCanUrl)
    return new RigUnavailable(`the ${error.message}`, 'correct bus.url in the profile')
  return error
}

/**
 * Looks whether this machine has the bus, without joining it.
 * @throws RigUnavailable
 */
export async function requireBus(bus: Profile['bus'], system: ProbedSystem = HOST): Promise<void> {
  try {
    const url = rigBusUrl(bus)
    const parsed = parseCanUrl(url)
    if (parsed.scheme === 'socketcan') await probeInterface({ ...parsed, url }, system)
  } catch (error) {
    throw asRigUnavailable(error)
  }
}

/** @throws RigUnavailable */
export async function openRigBus(
  bus: Profile['bus'],
  nodeName: string,
  options: CanOpenOptions = {},
): Promise<CanBus> {
  try {
    return await openCanBus(rigBusUrl(bus), { ...options, nodeName })
  } catch (error) {
    throw asRigUnavailable(error)
  }
}

/** How real the bus is: a virtual interface is a kernel's, but nobody's wire. */
export function busFidelity({ bus, fidelity }: Profile): Fidelity {
  const parsed = parseCanUrl(bus.url)
  switch (parsed.scheme) {
    case 'memory':
    case 'udp':
      return 'virtual'
    case 'socketcan':
      return /^vx?can/.test(parsed.interface) ? 'kernel' : fidelity
    case 'slcan':
    case 'socketcand':
      return fidelity
  }
}
