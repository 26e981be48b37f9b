import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { fileURLToPath } from 'node:url'
import { ACCOUNT, type Figures, type Order } from './orders.js'

const PROCESS = fileURLToPath(new URL('served-process.js', import.meta.url))

/** A server under measurement, and one client's connections to it. */
export class Served {
  readonly #agent: Agent

  private constructor(
    private readonly child: ChildProcess,
    private readonly url: string,
    connections: number,
  ) {
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections })
  }

  static async start(order: Order, connections: number): Promise<Served> {
    const child = fork(PROCESS, { execArgv: ['--expose-gc'] })
    child.send(order)
    const [{ url }] = (await once(child, 'message')) as [{ url: string }]
    return new Served(child, url, connections)
  }

  async figures(): Promise<Figures> {
    this.child.send({})
    return ((await once(this.child, 'message')) as [Figures])[0]
  }

  /** @throws when the answer is no success */
  ask(method: string, path: string, body?: object): Promise<string> {
    const text = body ? JSON.stringify(body) : undefined
    const headers =
      text === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
    return new Promise((resolve, reject) => {
      const outgoing = request(this.url + path, { method, agent: this.#agent, headers }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.once('end', () => {
          const answer = Buffer.concat(chunks).toString('utf8')
          const status = response.statusCode ?? 0
          if (status < 300) resolve(answer)
          else reject(new Error(`${method} ${path.split('?')[0]}: HTTP ${status}`))
        })
      })
      outgoing.once('error', reject)
      outgoing.end(text)
    })
  }

  async json(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
    return JSON.parse(await this.ask(method, path, body)) as Record<string, unknown>
  }

  /** A user who follows the account. @returns openid */
  async follower(): Promise<string> {
    const { openid } = await this.json('POST', '/phone/users', { device: 'phone' })
    await this.ask('POST', `/phone/users/${String(openid)}/subscribe`, { appId: ACCOUNT.appId })
    return String(openid)
  }

  async close(): Promise<void> {
    this.#agent.destroy()
    this.child.disconnect()
    if (this.child.exitCode === null) await once(this.child, 'exit')
  }
}
