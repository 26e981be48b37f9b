import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A way to a server that can go silent as a cut network does: nothing is closed, and no answer comes any more. */
export class SilentLink {
  readonly #pairs = new Set<readonly [client: Socket, server: Socket]>()
  readonly #server = createServer((client) => this.#join(client))
  #word: string | undefined

  private constructor(private readonly target: URL) {}

  static async to(url: string): Promise<SilentLink> {
    const link = new SilentLink(new URL(url))
    link.#server.listen(0, '127.0.0.1')
    await once(link.#server, 'listening')
    return link
  }

  /** The server's URL by this way. */
  get url(): string {
    const url = new URL(this.target)
    url.port = String((this.#server.address() as AddressInfo).port)
    return url.href
  }

  /** No answer comes any more on the connections that there are; those that are made later work. */
  fallSilent(): void {
    for (const [, server] of this.#pairs) silence(server)
  }

  /** The connection on which a client says this first falls silent before the answer. */
  fallSilentAt(word: string): void {
    this.#word = word
  }

  async close(): Promise<void> {
    for (const [client, server] of this.#pairs) {
      client.destroy()
      server.destroy()
    }
    const closed = once(this.#server, 'close')
    this.#server.close()
    await closed
  }

  #join(client: Socket): void {
    const server = connect(Number(this.target.port), this.target.hostname)
    const pair = [client, server] as const
    this.#pairs.add(pair)
    client.on('data', (said) => {
      if (this.#word !== undefined && said.includes(this.#word)) {
        this.#word = undefined
        silence(server)
      }
      server.write(said)
    })
    server.on('data', (answer) => void client.write(answer))
    for (const [one, other] of [pair, [server, client]] as const) {
      one.on('error', () => undefined)
      one.on('close', () => {
        other.destroy()
        this.#pairs.delete(pair)
      })
    }
  }
}

function silence(server: Socket): void {
  server.removeAllListeners('data')
  // Read and dropped, so that the server never notices.
  server.on('data', () => undefined)
}
