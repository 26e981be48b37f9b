import { createServer, type Server, type Socket } from 'node:net'

/** How long a new client waits for the one before it to be gone, wall milliseconds. */
const WAIT_MS = 1_000

export interface SerialLineHandlers {
  readonly onBytes: (bytes: Uint8Array) => void
  /** A client has opened the line, and is heard from now on. */
  readonly onOpened?: () => void
  /** The client has gone by itself (not when it was dropped). */
  readonly onGone?: () => void
}

/**
 * A loopback TCP port that stands for one serial line: like an open tty it has one client at a time. A new client may
 * be seen before the old one's end is, so it waits a moment before it is turned away.
 */
export class SerialLinePort {
  readonly #server: Server
  readonly #handlers: SerialLineHandlers
  #client: Socket | undefined
  #waiting: Socket | undefined
  #held = false

  constructor(handlers: SerialLineHandlers) {
    this.#handlers = handlers
    this.#server = createServer({ noDelay: true }, (socket) => this.#welcome(socket))
  }

  /** @returns the port on 127.0.0.1 */
  async listen(): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(0, '127.0.0.1', resolve)
    })
    const address = this.#server.address()
    return address && typeof address === 'object' ? address.port : 0
  }

  get taken(): boolean {
    return this.#client !== undefined
  }

  /** With no client the bytes are lost, as on a line that nobody has open. */
  write(bytes: Uint8Array | string): void {
    if (this.#client?.writable) this.#client.write(bytes)
  }

  /** Drops the client, and lets nobody in before `letIn`. */
  hold(): void {
    this.#held = true
    const client = this.#client
    this.#client = undefined
    client?.destroy()
  }

  letIn(): void {
    this.#held = false
    this.#admit()
  }

  close(): void {
    this.hold()
    this.#waiting?.destroy()
    this.#server.close()
  }

  #welcome(socket: Socket): void {
    socket.on('error', () => socket.destroy())
    if (this.#waiting) {
      socket.destroy()
      return
    }
    this.#waiting = socket
    socket.pause()
    socket.on('close', () => this.#ended(socket))
    if (this.#client) {
      setTimeout(() => {
        if (this.#waiting === socket && !this.#held) socket.destroy()
      }, WAIT_MS)
    }
    this.#admit()
  }

  #admit(): void {
    const socket = this.#waiting
    if (!socket || this.#client || this.#held) return
    this.#waiting = undefined
    this.#client = socket
    this.#handlers.onOpened?.()
    socket.on('data', (bytes) => {
      if (this.#client === socket) this.#handlers.onBytes(bytes)
    })
    socket.resume()
  }

  #ended(socket: Socket): void {
    if (this.#waiting === socket) this.#waiting = undefined
    if (this.#client !== socket) return
    this.#client = undefined
    this.#handlers.onGone?.()
    this.#admit()
  }
}
