import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import type { AddressInfo } from 'node:net'
import type { LinkFaults } from '../links/link-faults.js'

export interface Passed {
  readonly wire: string
  readonly method: string
  readonly path: string
  readonly asked: string
  readonly status: number
  readonly answered: string
}

export interface BalancerParts {
  readonly wire: string
  /** Base URLs of the instances that are there now. */
  readonly targets: () => readonly string[]
  /** Called before a request is passed on, and before its answer is. */
  readonly onMessage: () => void
  readonly onPassed: (passed: Passed) => void
  /** What happens on the wire; nothing if not given. */
  readonly faults?: LinkFaults
}

/** One address for several instances, in turn; one that lets nobody in is passed over, a request is never sent twice. */
export class Balancer {
  readonly #server = createServer((incoming, outgoing) => void this.#pass(incoming, outgoing))
  #turn = 0

  private constructor(private readonly parts: BalancerParts) {}

  static async open(parts: BalancerParts): Promise<Balancer> {
    const balancer = new Balancer(parts)
    await new Promise<void>((resolve) => balancer.#server.listen(0, '127.0.0.1', resolve))
    return balancer
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#server.closeAllConnections()
    await closed
  }

  async #pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    try {
      const asked = await buffer(incoming)
      this.parts.onMessage()
      const ask = () => this.#ask(incoming, asked)
      const { faults } = this.parts
      const answer = await (faults ? faults.carry(ask) : ask())
      if (!answer) {
        if (faults) outgoing.destroy()
        else outgoing.writeHead(503).end()
        return
      }
      this.parts.onMessage()
      const { method = 'GET', url: path = '/' } = incoming
      this.parts.onPassed({
        wire: this.parts.wire,
        method,
        path,
        asked: asked.toString('latin1'),
        status: answer.status,
        answered: answer.body.toString(),
      })
      const type = answer.headers['content-type']
      outgoing.writeHead(answer.status, { ...(type && { 'content-type': type }) }).end(answer.body)
    } catch {
      // The instance died over it: what became of the request, nobody knows.
      outgoing.destroy()
    }
  }

  async #ask(incoming: IncomingMessage, body: Buffer) {
    const targets = this.parts.targets()
    for (let tried = 0; tried < targets.length; tried++) {
      const target = targets[this.#turn++ % targets.length] ?? ''
      try {
        return await send(target, incoming, body)
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED')) throw error
      }
    }
    return undefined
  }
}

function send(target: string, { method, url = '/', headers }: IncomingMessage, body: Buffer) {
  return new Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }>(
    (resolve, reject) => {
      const { host } = new URL(target)
      const passed = request(
        new URL(url, target),
        { method, headers: { ...headers, host, connection: 'close' } },
        (response) => {
          buffer(response).then(
            (answer) =>
              resolve({ status: response.statusCode ?? 502, headers: response.headers, body: answer }),
            reject,
          )
        },
      )
      passed.once('error', reject)
      passed.end(body)
    },
  )
}
