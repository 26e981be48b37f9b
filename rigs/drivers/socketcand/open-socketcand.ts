import { CanReception } from '../../../reference/can/can-reception.js'
import { DEFAULT_RECEIVE_BUFFER, type CanBus, type CanOpenOptions } from '../../../reference/ports/can-bus.js'
import { connectSocketcand, type SocketcandAddress } from './connect-socketcand.js'
import { SocketcandNode } from './socketcand-node.js'

export type { SocketcandAddress }

export interface SocketcandOpenOptions extends CanOpenOptions {
  /** How long the server may take over each answer while the bus is opened; 5,000 ms unless told. */
  readonly answerMs?: number
}

/**
 * Opens a bus that a socketcand server lends over TCP. A server of Lockstep counts what a client loses; of any other
 * one nobody can know, and `lost` says so by not being exact.
 * @throws CanBusUnavailable, InvalidCanFilter
 */
export async function openSocketcand(
  address: SocketcandAddress,
  options: SocketcandOpenOptions = {},
): Promise<CanBus> {
  const reception = new CanReception(options)
  const { receiveOwn = false, receiveBuffer = DEFAULT_RECEIVE_BUFFER, answerMs } = options
  const connection = await connectSocketcand(address, { receiveOwn, receiveBuffer }, answerMs)
  return new SocketcandNode(address, connection, reception, options)
}
