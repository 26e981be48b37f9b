import { readdirSync, readFileSync } from 'node:fs'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Descriptors that are left for the store, the broker, and what the party asks others. */
const RESERVED = 24
const FEWEST_CONNECTIONS = 4

/** How many connections a server may hold so that its process keeps descriptors; Linux tells, elsewhere there is no limit. */
export function mostConnections(): number {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
    if (soft === undefined) return Infinity
    return Math.max(FEWEST_CONNECTIONS, Number(soft) - readdirSync('/proc/self/fd').length - RESERVED)
  } catch {
    return Infinity
  }
}

/**
 * Keeps a server below so many connections: one more closes the one that has waited longest without a whole head, or
 * idle after its answer. One whose request is being answered is never closed; when all are, the new one is.
 * @param onClosed called for each that is closed
 */
export function limitConnections(
  server: Server,
  onClosed: (socket: Socket) => void,
  most: () => number = mostConnections,
): void {
  const all = new Set<Socket>()
  /** In the order in which they began to wait. */
  const waiting = new Set<Socket>()
  let limit = Infinity
  server.on('listening', () => (limit = most()))
  server.on('connection', (socket: Socket) => {
    all.add(socket)
    waiting.add(socket)
    socket.once('close', () => {
      all.delete(socket)
      waiting.delete(socket)
    })
    if (all.size <= limit) return
    const [longest = socket] = waiting
    all.delete(longest)
    waiting.delete(longest)
    onClosed(longest)
    longest.destroy()
  })
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    waiting.delete(socket)
    response.once('close', () => {
      if (all.has(socket)) waiting.add(socket)
    })
  })
}
