import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { EventLog } from '../ports/event-log.js'
import type { RunningParty } from '../ports/party.js'
import { limitConnections } from './connection-limit.js'
import { isLoopback, isMeantForLoopback } from './host-check.js'
import { sourceOf } from './request-source.js'
import { RigFault } from '../ports/faults.js'

/** Thrown when the address is taken, not ours, or not allowed. */
export class CannotListen extends RigFault {
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

/** Such as an Express application; what it does not handle itself it passes to `next`. */
export type HttpHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => unknown

export interface HttpOptions {
  readonly patience?: HttpPatience
  /** Names under which a server on loopback may be asked besides those of loopback itself: of a proxy, of a tunnel. */
  readonly names?: readonly string[]
  /** Most connections; as many as the process has descriptors for if not given. */
  readonly mostConnections?: number
}

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/**
 * A server with limits: what is no HTTP, ambiguous (two lengths, a length beside chunks), too long or too slow is
 * answered 400, 431 or 408 before any handler sees it, its connection is closed, and it is logged: `http-refused`. On
 * loopback so is what is meant for another host (421, see host-check.ts). What a handler leaves over or fails with is
 * answered 404 or 500 without a body, so that no answer carries a page of Express's, or a stack.
 */
export function createHttpServer(
  handler: HttpHandler,
  log?: EventLog,
  { patience = PATIENCE, names = [], mostConnections }: HttpOptions = {},
): Server {
  const { headersMs, requestMs, checkMs } = patience
  /** No fault of the log becomes one of the answer. */
  const record = (event: string, fields: Readonly<Record<string, unknown>>) => {
    try {
      log?.record(event, fields)
    } catch {
      // There is no other place for it.
    }
  }
  let onLoopback = false
  const serve = (request: IncomingMessage, response: ServerResponse) => {
    const leftOver = (error?: unknown) => {
      const status = error === undefined ? 404 : 500
      if (status === 500) {
        record('request-failed', { source: sourceOf(request), status, reason: reasonOf(error) })
      }
      if (response.headersSent) response.destroy()
      else response.writeHead(status, { 'Content-Length': 0 }).end()
    }
    if (onLoopback && !isMeantForLoopback(request, names)) {
      record('http-refused', {
        source: sourceOf(request),
        reason: 'host-unknown',
        host: request.headers.host,
      })
      response.writeHead(421, { 'Content-Length': 0, Connection: 'close' }).end()
      return
    }
    try {
      Promise.resolve(handler(request, response, leftOver)).catch(leftOver)
    } catch (error) {
      leftOver(error)
    }
  }
  const server = createServer(
    {
      headersTimeout: headersMs,
      requestTimeout: requestMs,
      connectionsCheckingInterval: checkMs,
      maxHeaderSize: MAX_HEAD_BYTES,
      insecureHTTPParser: false,
    },
    serve,
  )
  server.on('listening', () => {
    const address = server.address()
    onLoopback = typeof address === 'object' && address !== null && isLoopback(address.address)
  })
  limitConnections(
    server,
    (socket) => record('http-refused', { source: sourceOf({ socket }), reason: 'too-many-connections' }),
    mostConnections === undefined ? undefined : () => mostConnections,
  )
  const refused = new WeakSet<Socket>()
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    // That it then leaves in the middle of its request is an error too.
    if (refused.has(socket)) return
    refused.add(socket)
    // A client that has gone, or whose answer has begun, can be told nothing.
    if (error.code !== 'ECONNRESET') {
      record('http-refused', { source: sourceOf({ socket }), reason: error.code ?? error.name })
    }
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
  handler: HttpHandler,
  address: { readonly host: string; readonly port: number; readonly hostNames?: readonly string[] },
  log?: EventLog,
): Promise<RunningParty & { readonly url: string }> {
  const server = createHttpServer(handler, log, { names: address.hostNames ?? [] })
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
