import { once } from 'node:events'
import { createServer } from 'node:net'
import { CanBusUnavailable, DEFAULT_RECEIVE_BUFFER, type CanBus } from '../../../reference/ports/can-bus.js'
import { ClientSession, type OpenServedBus } from './client-session.js'
import { shareBus } from './shared-bus.js'

export type { OpenServedBus }

export interface SocketcandServerOptions {
  /** Address to listen on; 127.0.0.1 unless told, since whoever connects may send on the bus. */
  readonly host?: string
  /** 0 for any that is free. */
  readonly port: number
  /** Frames kept for a client that does not read, beyond what the network holds; 65,536 unless told. */
  readonly clientBuffer?: number
  /**
   * The buses by name: either open ones, which all clients share and which stay open; or a function that opens a node
   * for each client, with the options that it is given, which is closed when the client goes.
   */
  readonly buses: ReadonlyMap<string, CanBus> | OpenServedBus
}

export interface SocketcandServer {
  readonly host: string
  readonly port: number
  /** How many are connected. */
  readonly clients: number
  /** Ends the connections, and the nodes that were opened for them. */
  close(): Promise<void>
}

function openShared(buses: ReadonlyMap<string, CanBus>): OpenServedBus {
  const joins = new Map([...buses].map(([name, bus]) => [name, shareBus(bus)]))
  return async (name, options) => joins.get(name)?.(options)
}

/**
 * Lends buses over TCP, as socketcand does (linux-can/socketcand, doc/protocol.md): raw mode, `send`, `sendrtr`,
 * `fdsend`, `echo`, and statistics. What it does not serve (cyclic jobs and subscriptions of the BCM mode, ISO-TP,
 * bit timing) it answers with `< error … >`.
 * @throws CanBusUnavailable where it cannot listen
 */
export async function serveSocketcand({
  host = '127.0.0.1',
  port,
  clientBuffer = DEFAULT_RECEIVE_BUFFER,
  buses,
}: SocketcandServerOptions): Promise<SocketcandServer> {
  const open = typeof buses === 'function' ? buses : openShared(buses)
  const sessions = new Set<ClientSession>()
  const server = createServer((socket) => {
    sessions.add(
      new ClientSession(socket, { open, clientBuffer, onEnd: (session) => sessions.delete(session) }),
    )
  })
  try {
    server.listen(port, host)
    await once(server, 'listening')
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException
    const taken = code === 'EADDRINUSE'
    throw new CanBusUnavailable(
      `socketcand://${host}:${port}`,
      code === 'EACCES' ? 'no-permission' : 'refused',
      taken ? 'another program listens there' : `cannot listen there (${code})`,
      taken ? 'End it, or take another port' : 'Take an address of this machine, and a port above 1023',
      { cause },
    )
  }
  // A connection that fails while it is accepted is its client's business.
  server.on('error', () => undefined)
  const address = server.address()
  return {
    host,
    port: typeof address === 'object' && address ? address.port : port,
    get clients() {
      return sessions.size
    },
    async close() {
      const closed = once(server, 'close')
      server.close()
      await Promise.all([...sessions].map((session) => session.end()))
      await closed
    },
  }
}
