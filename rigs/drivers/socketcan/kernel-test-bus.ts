/** What the tests that need a kernel with CAN share: which interfaces and back ends there are. */
import { execFileSync } from 'node:child_process'
import { SOCKETCAN_BACK_ENDS, type SocketCanBackEnd } from '../../../reference/can/can-url.js'
import type { CanBus, CanOpenOptions } from '../../../reference/ports/can-bus.js'
import type { TwoCanNodes } from '../../conformance/can-bus/two-nodes.js'
import { openSocketCan } from './open-socket-can.js'

function list(variable: string, example: string): [string, ...string[]] {
  const [first, ...rest] = (process.env[variable] ?? '').split(',').filter((entry) => entry !== '')
  if (first === undefined) throw new Error(`${variable} is not set; e.g. ${variable}=${example}`)
  return [first, ...rest]
}

const DEADLINE_MS = 60_000
const interfaces = list('LOCKSTEP_CAN_INTERFACES', 'vcan0, or can0,can1 for two on one bus')

/** Interfaces of two nodes on one bus: the same one twice, or two. */
export const INTERFACE_A = interfaces[0]
export const INTERFACE_B = interfaces[1] ?? interfaces[0]

/** Back ends that must be there: where one is missing, its tests fail. */
export const BACK_ENDS = list('LOCKSTEP_CAN_BACKENDS', 'addon,pipe').map((name): SocketCanBackEnd => {
  const backEnd = SOCKETCAN_BACK_ENDS.find((known) => known === name)
  if (!backEnd) throw new Error(`LOCKSTEP_CAN_BACKENDS: ${name} is none of ${SOCKETCAN_BACK_ENDS.join(', ')}`)
  return backEnd
}) as [SocketCanBackEnd, ...SocketCanBackEnd[]]

export const openNode = (
  backEnd: SocketCanBackEnd,
  networkInterface: string,
  options?: CanOpenOptions,
): Promise<CanBus> =>
  openSocketCan(
    {
      interface: networkInterface,
      backEnd,
      url: `socketcan:${networkInterface}?backend=${backEnd}`,
    },
    options,
  )

export async function openTwoNodes(
  backEnd: SocketCanBackEnd,
  options: { readonly a?: CanOpenOptions; readonly b?: CanOpenOptions } = {},
): Promise<TwoCanNodes> {
  const [a, b] = await Promise.all([
    openNode(backEnd, INTERFACE_A, options.a),
    openNode(backEnd, INTERFACE_B, options.b),
  ])
  return {
    a,
    b,
    close: async () => {
      await Promise.all([a.close(), b.close()])
    },
  }
}

/** Runs a command to its end. @returns what it printed */
export const run = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { encoding: 'latin1', stdio: ['ignore', 'pipe', 'pipe'] })

/** @throws when it does not come to hold */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`${what}: not within ${DEADLINE_MS} ms`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
