import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import { request as secureRequest } from 'node:https'
import type { AddressInfo } from 'node:net'
import { isMeantForLoopback } from '../../../reference/http/host-check.js'
import { HttpFaults, type HttpFault } from './http-faults.js'
import type { TappedRequest, TappedResponse } from './tapped-http.js'

export interface HttpTapEvents {
  onRequest(request: TappedRequest): void
  onResponse(response: TappedResponse): void
  /** The other side could not be reached, or broke off. */
  onFailure(request: TappedRequest, reason: string): void
}

/** A body above this is refused: 413, nothing is passed on. */
const MAX_BODY_BYTES = 12 * 1024 * 1024

/**
 * A wire between two parties that speak HTTP: a reverse proxy that passes everything on unchanged and tells what it
 * saw, so that the wire itself is judged, whoever stands at its ends.
 */
export class HttpTap {
  readonly #server = createServer((incoming, outgoing) => void this.#pass(incoming, outgoing))
  readonly #faults = new HttpFaults()
  #target: URL | undefined
  #gates: { readonly matches: (request: TappedRequest) => boolean; arrive: () => Promise<void> }[] = []

  private constructor(
    private readonly events: HttpTapEvents,
    private readonly names: readonly string[],
  ) {}

  /**
   * Listens on loopback; requests are answered with 503 until `connect` names the other side.
   * @param port 0 takes any free port
   * @param names under which it may be asked besides those of loopback; any other is answered 421 (host-check.ts)
   */
  static async open(events: HttpTapEvents, port = 0, names: readonly string[] = []): Promise<HttpTap> {
    const tap = new HttpTap(events, names)
    await new Promise<void>((resolve, reject) => {
      tap.#server.once('error', reject).listen(port, '127.0.0.1', resolve)
    })
    return tap
  }

  /** Base URL for the asking side; no trailing slash. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** @param target base URL of the answering side */
  connect(target: string): void {
    this.#target = new URL(target)
  }

  /**
   * Holds the next `count` requests that match until the last of them has come, then lets all pass at the same
   * moment: makes a race certain.
   */
  gather(count: number, matches: (request: TappedRequest) => boolean): void {
    let waiting: (() => void)[] = []
    const gate = {
      matches,
      arrive: () =>
        new Promise<void>((resolve) => {
          waiting.push(resolve)
          if (waiting.length < count) return
          this.#gates = this.#gates.filter((other) => other !== gate)
          for (const release of waiting) release()
          waiting = []
        }),
    }
    this.#gates.push(gate)
  }

  /** Puts a fault on the wire for the next `times` requests that match. */
  disturb(fault: HttpFault, matches: (request: TappedRequest) => boolean, times = 1): void {
    this.#faults.add(fault, matches, times)
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#server.closeAllConnections()
    await closed
  }

  async #pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    let asked: TappedRequest | undefined
    if (!isMeantForLoopback(incoming, this.names)) {
      outgoing.writeHead(421, { 'content-length': 0, connection: 'close' }).end()
      return
    }
    try {
      const body = await readBody(incoming)
      if (!body) {
        outgoing.writeHead(413).end()
        return
      }
      asked = {
        method: incoming.method ?? 'GET',
        path: incoming.url ?? '/',
        headers: flatten(incoming.headers),
        body,
      }
      this.events.onRequest(asked)
      const request = asked
      await this.#gates.find(({ matches }) => matches(request))?.arrive()
      if (!this.#target) {
        outgoing.writeHead(503).end()
        this.events.onFailure(asked, 'nobody stands at the other end yet')
        return
      }
      const fault = this.#faults.take(asked)
      if (fault === 'lost') return this.#lose(request, outgoing)
      if (fault === 'overtaken') {
        this.#faults.deliverLater(async () => this.events.onResponse(await this.#forward(request)))
        outgoing.writeHead(204).end()
        return
      }
      const answer = await this.#forward(asked, outgoing)
      this.events.onResponse(answer)
      if (fault === 'doubled') this.events.onResponse(await this.#forward(asked, outgoing))
      await this.#faults.deliverLate()
      if (fault === 'answer-lost') return void outgoing.destroy()
      const { 'transfer-encoding': _chunked, connection: _connection, ...headers } = answer.headers
      outgoing.writeHead(answer.status, { ...defined(headers), 'content-length': answer.body.length })
      outgoing.end(answer.body)
    } catch (error) {
      if (asked) this.events.onFailure(asked, error instanceof Error ? error.message : String(error))
      if (outgoing.headersSent || outgoing.destroyed) outgoing.destroy()
      else outgoing.writeHead(502).end()
    }
  }

  #lose(asked: TappedRequest, outgoing: ServerResponse): void {
    this.events.onFailure(asked, 'lost on its way, by the scenario')
    outgoing.destroy()
  }

  /** @param outgoing the asking side, if it still waits */
  #forward(asked: TappedRequest, outgoing?: ServerResponse): Promise<TappedResponse> {
    const target = this.#target as URL
    return new Promise((resolve, reject) => {
      const send = target.protocol === 'https:' ? secureRequest : request
      const passed = send(
        new URL(target.pathname.replace(/\/$/, '') + asked.path, target.origin),
        { method: asked.method, headers: { ...defined(asked.headers), host: target.host } },
        (response) => {
          readBody(response).then((body) => {
            if (!body) return reject(new Error('the answer is too large'))
            resolve({
              request: asked,
              status: response.statusCode ?? 502,
              headers: flatten(response.headers),
              body,
            })
          }, reject)
        },
      )
      passed.once('error', reject)
      // The asking side has hung up (WeChat does, after 5 s): so does this one.
      outgoing?.once('close', () => {
        if (!outgoing.writableEnded) passed.destroy(new Error('the asking side hung up'))
      })
      passed.end(asked.body)
    })
  }
}

async function readBody(message: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of message as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > MAX_BODY_BYTES) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function flatten(headers: IncomingMessage['headers']): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  )
}

function defined(headers: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter((entry): entry is [string, string] => !!entry[1]))
}
