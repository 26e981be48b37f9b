import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A TCP connection between two parties that can be cut and mended, as a network is. */
export class TcpLink {
  readonly #pairs = new Set<readonly [Socket, Socket]>()
  readonly #server = createServer((near) => this.#join(near))
  #cut = false

  private constructor(private readonly target: { readonly host: string; readonly port: number }) {}

  /** Listens on a free loopback port and passes every connection on to `target`. */
  static async open(target: { readonly host: string; readonly port: number }): Promise<TcpLink> {
    const link = new TcpLink(target)
    await new Promise<void>((resolve, reject) => {
      link.#server.once('error', reject).listen(0, '127.0.0.1', resolve)
    })
    return link
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Ends every connection without a word and lets no new one through until `mend`. */
  cut(): void {
    this.#cut = true
    for (const pair of this.#pairs) for (const socket of pair) socket.resetAndDestroy()
  }

  mend(): void {
    this.#cut = false
  }

  async close(): Promise<void> {
    this.cut()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  #join(near: Socket): void {
    if (this.#cut) {
      near.resetAndDestroy()
      return
    }
    const far = connect(this.target)
    const pair = [near, far] as const
    this.#pairs.add(pair)
    for (const [from, to] of [pair, [far, near] as const]) {
      from.setNoDelay()
      from.pipe(to)
      from.on('error', () => to.destroy())
      from.once('close', () => {
        to.destroy()
        this.#pairs.delete(pair)
      })
    }
  }
}
