import { createServer, type Server, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import type { BenchStatus, ControlReply, ControlRequest } from './control-messages.js'
import type { SafeStateProof } from './safe-state.js'

/** What the control socket may ask of a bench. */
export interface ControlledBench {
  makeSafeByHand(): Promise<SafeStateProof>
  status(): BenchStatus
  /** @returns unsubscribe */
  onChange(listener: () => void): () => void
}

/** Longest request that is read, bytes. */
const MAX_REQUEST_BYTES = 1_024

/** Serves a bench's control socket. @param path a Unix socket that only this user can reach, or a named pipe */
export async function serveControl(path: string, bench: ControlledBench): Promise<{ close(): void }> {
  const clients = new Set<Socket>()
  const server: Server = createServer((socket) => {
    clients.add(socket)
    socket.once('close', () => clients.delete(socket))
    socket.on('error', () => socket.destroy())
    answer(socket, bench)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  return {
    close: () => {
      server.close()
      for (const client of clients) client.destroy()
    },
  }
}

function answer(socket: Socket, bench: ControlledBench): void {
  const reply = (message: ControlReply) => {
    if (socket.writable) socket.write(`${JSON.stringify(message)}\n`)
  }
  const tellStatus = () => reply({ reply: 'status', status: bench.status() })
  let heard = 0
  socket.on('data', (bytes) => {
    heard += bytes.length
    if (heard > MAX_REQUEST_BYTES) socket.destroy()
  })
  createInterface(socket).on('line', (line) => {
    const request = requestIn(line)
    if (request === 'safe') void bench.makeSafeByHand().then((proof) => reply({ reply: 'safe', proof }))
    else if (request === 'status') tellStatus()
    else if (request === 'watch') {
      socket.once('close', bench.onChange(tellStatus))
      tellStatus()
    } else reply({ reply: 'refused', problem: 'the request must be safe, status or watch' })
  })
}

function requestIn(line: string): ControlRequest['request'] | undefined {
  try {
    return (JSON.parse(line) as Partial<ControlRequest>).request
  } catch {
    return undefined
  }
}
