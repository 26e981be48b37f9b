import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { RunningParty } from '../ports/party.js'

/** Thrown when the address is taken, not ours, or not allowed. */
export class CannotListen extends Error {
  override readonly name = 'CannotListen'
  constructor(host: string, port: number, options: ErrorOptions) {
    super(`cannot listen on ${host}:${port}; is the port taken, or the host not an address of here?`, options)
  }
}

/**
 * Serves HTTP until closed; closing also ends requests that are still waiting, such as long polls.
 * @param address port 0 takes any free port; `url` tells which
 * @throws CannotListen
 */
export async function serveHttp(
  handler: RequestListener,
  address: { readonly host: string; readonly port: number },
): Promise<RunningParty & { readonly url: string }> {
  const server = createServer(handler)
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(new CannotListen(address.host, address.port, { cause })))
    server.listen(address.port, address.host, resolve)
  })
  const { port } = server.address() as AddressInfo
  const wildcard = address.host === '0.0.0.0' || address.host === '::'
  const name = wildcard ? '127.0.0.1' : address.host.includes(':') ? `[${address.host}]` : address.host
  let closed: Promise<void> | undefined
  return {
    url: `http://${name}:${port}`,
    close() {
      closed ??= new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
      return closed
    },
  }
}
