import { createServer, type Server, type Socket } from 'node:net'

/**
 * A loopback TCP port that stands for one serial line: it has one client at a time, and a new one is turned away while
 * the line is taken, as an open tty would be.
 */
export class BytePort {
  readonly #server: Server
  #client: Socket | undefined
  #waiting: number[] = []

  private constructor(server: Server) {
    this.#server = server
  }

  /** @param onBytes bytes from the client */
  static async open(
    onBytes: (bytes: Uint8Array) => void,
    onClientChange: () => void = () => {},
  ): Promise<BytePort> {
    const server = createServer({ noDelay: true })
    const port = new BytePort(server)
    server.on('connection', (socket) => {
      socket.on('error', () => socket.destroy())
      if (port.#client) {
        socket.destroy()
        return
      }
      port.#client = socket
      socket.on('data', onBytes)
      socket.on('close', () => {
        port.#client = undefined
        onClientChange()
      })
      onClientChange()
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(0, '127.0.0.1', resolve)
    })
    return port
  }

  get port(): number {
    const address = this.#server.address()
    return address && typeof address === 'object' ? address.port : 0
  }

  get taken(): boolean {
    return this.#client !== undefined
  }

  /** Keeps a byte for the next `flush`; with no client it is lost, as on a line that nobody has open. */
  push(byte: number): void {
    if (this.#client) this.#waiting.push(byte)
  }

  write(text: string): void {
    if (this.#client?.writable) this.#client.write(text)
  }

  flush(): void {
    if (this.#waiting.length === 0) return
    if (this.#client?.writable) this.#client.write(Uint8Array.from(this.#waiting))
    this.#waiting = []
  }

  close(): void {
    this.#client?.destroy()
    this.#server.close()
  }
}
