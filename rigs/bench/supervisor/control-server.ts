import { createServer, type Server, type Socket } from 'node:net'
import { readLines } from '../../../reference/read-lines.js'
import type { BenchStatus, ControlReply, ControlRequest } from './control-messages.js'
import type { SafeStateProof } from './safe-state.js'

/** What the control socket may ask of a bench. */
export interface ControlledBench {
  makeSafeByHand(): Promise<SafeStateProof>
  status(): BenchStatus
  /** @returns unsubscribe */
  onChange(listener: () => void): () => void
}

/** All that one client may send, bytes. */
const MAX_REQUEST_BYTES = 1_024
/** A client that leaves so much unread is dropped, bytes. */
const MAX_UNREAD_BYTES = 64 * 1_024
/** Clients at a time. The oldest is dropped for a new one: a `safe` is never turned away. */
const MAX_CLIENTS = 32

/**
 * Serves a bench's control socket. Nothing that a client does may harm the supervisor: it holds the actuator's power.
 * @param path a Unix socket that only this user can reach, or a named pipe
 */
export async function serveControl(path: string, bench: ControlledBench): Promise<{ close(): void }> {
  const clients = new Set<Socket>()
  const server: Server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.once('close', () => clients.delete(socket))
    clients.add(socket)
    const [oldest] = clients
    if (clients.size > MAX_CLIENTS) oldest?.destroy()
    answer(socket, bench)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  // Out of descriptors, for one: the next client is refused, the bench stays guarded.
  server.on('error', (error) => process.emitWarning(error))
  return {
    close: () => {
      server.close()
      for (const client of clients) client.destroy()
    },
  }
}

function answer(socket: Socket, bench: ControlledBench): void {
  const reply = (message: ControlReply) => {
    if (socket.writableLength > MAX_UNREAD_BYTES) socket.destroy()
    else if (socket.writable) socket.write(`${JSON.stringify(message)}\n`)
  }
  const sendStatus = () => reply({ reply: 'status', status: bench.status() })
  const refuse = (problem: string) => reply({ reply: 'refused', problem })
  let watches = false
  let received = 0
  socket.on('data', (bytes) => {
    received += bytes.length
    if (received > MAX_REQUEST_BYTES) socket.destroy()
  })
  const take = (line: string) => {
    const request = requestIn(line)
    if (request === 'safe') {
      bench.makeSafeByHand().then(
        (proof) => reply({ reply: 'safe', proof }),
        (error: unknown) => refuse(String(error)),
      )
    } else if (request === 'status') sendStatus()
    else if (request === 'watch') {
      if (!watches) socket.once('close', bench.onChange(sendStatus))
      watches = true
      sendStatus()
    } else refuse('the request must be safe, status or watch')
  }
  readLines(socket, take, {
    maxLineCharacters: MAX_REQUEST_BYTES,
    onEnd: (cause) => cause && socket.destroy(),
  })
}

function requestIn(line: string): ControlRequest['request'] | undefined {
  try {
    return (JSON.parse(line) as Partial<ControlRequest> | null)?.request
  } catch {
    return undefined
  }
}
