import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { EventLog } from '../ports/event-log.js'
import type { RunningParty } from '../ports/party.js'

/** Thrown when the address is taken, not ours, or not allowed. */
export class CannotListen extends Error {
  override readonly name = 'CannotListen'
  constructor(host: string, port: number, options: ErrorOptions) {
    super(`cannot listen on ${host}:${port}; is the port taken, or the host not an address of here?`, options)
  }
}

/** How patient a server is with a client that sends its request slowly, wall milliseconds. */
export interface HttpPatience {
  /** For a whole head. */
  readonly headersMs: number
  /** For a whole request, body included; the answer may take as long as it likes. */
  readonly requestMs: number
  /** How often it looks. */
  readonly checkMs: number
}

/** The longest request that a party takes has 1 MB; Node's own limits are one and five minutes, looked at every 30 s. */
const PATIENCE: HttpPatience = { headersMs: 10_000, requestMs: 30_000, checkMs: 2_000 }

/** Longest head of a request, bytes; also Node's default, said here so that no flag of Node's changes it. */
const MAX_HEAD_BYTES = 16_384

const STATUS_OF: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
}

/**
 * A server with limits: what is no HTTP, ambiguous (two lengths, a length beside chunks), too long or too slow is
 * answered 400, 431 or 408 before any handler sees it, its connection is closed, and it is logged: `http-refused`.
 */
export function createHttpServer(
  handler: RequestListener,
  log?: EventLog,
  { headersMs, requestMs, checkMs }: HttpPatience = PATIENCE,
): Server {
  const server = createServer(
    {
      headersTimeout: headersMs,
      requestTimeout: requestMs,
      connectionsCheckingInterval: checkMs,
      maxHeaderSize: MAX_HEAD_BYTES,
      insecureHTTPParser: false,
    },
    handler,
  )
  const refused = new WeakSet<Socket>()
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    // That it then leaves in the middle of its request is an error too.
    if (refused.has(socket)) return
    refused.add(socket)
    // A client that has gone, or whose answer has begun, can be told nothing.
    if (error.code !== 'ECONNRESET') log?.record('http-refused', { reason: error.code ?? error.name })
    if (!socket.writable || socket.bytesWritten > 0) return void socket.destroy()
    const status = STATUS_OF[error.code ?? ''] ?? '400 Bad Request'
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
  })
  return server
}

/**
 * Serves HTTP until closed; closing also ends requests that are still waiting, such as long polls.
 * @param address port 0 takes any free port; `url` tells which
 * @param log gets what is refused before the handler sees it
 * @throws CannotListen
 */
export async function serveHttp(
  handler: RequestListener,
  address: { readonly host: string; readonly port: number },
  log?: EventLog,
): Promise<RunningParty & { readonly url: string }> {
  const server = createHttpServer(handler, log)
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
