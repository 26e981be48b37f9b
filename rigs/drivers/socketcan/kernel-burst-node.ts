/** The burst source of the conformance suite: another process's node on the interface of node a. */
import type { SocketCanBackEnd } from '../../../reference/can/can-url.js'
import type { CanBus } from '../../../reference/ports/can-bus.js'
import { INTERFACE_A, openNode } from './kernel-test-bus.js'

/** @param address name of the back end */
export const openBurstNode = (address: string): Promise<CanBus> =>
  openNode(address as SocketCanBackEnd, INTERFACE_A, { filters: [] })
