import type { CanBus, CanOpenOptions } from '../../../reference/ports/can-bus.js'

interface SocketCanDriver {
  readonly openSocketCan: (
    target: { readonly url: string; readonly interface: string; readonly backEnd: 'native' | 'pipe' },
    options: CanOpenOptions,
  ) => Promise<CanBus>
}

const DRIVER = './socketcan.js'

/** A node on an interface of this kernel, by the first back end that the environment names. */
export async function openKernelNode(name: string): Promise<CanBus> {
  const { openSocketCan } = (await import(DRIVER)) as SocketCanDriver
  const backEnd = process.env['LOCKSTEP_CAN_BACKENDS']?.startsWith('native') ? 'native' : 'pipe'
  return openSocketCan({ url: `socketcan:${name}`, interface: name, backEnd }, {})
}
