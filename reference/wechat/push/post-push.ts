import { Agent, request, type ClientRequest, type RequestOptions } from 'node:http'
import { Agent as SecureAgent, request as secureRequest } from 'node:https'
import { urlToHttpOptions } from 'node:url'

/** Thrown when no answer came within the platform's patience. */
export class PushTimedOut extends Error {
  override readonly name = 'PushTimedOut'
  constructor(timeoutMs: number) {
    super(`no answer within ${timeoutMs} ms; the connection was cut`)
  }
}

export interface PushAnswer {
  readonly status: number
  /** None when it was longer than any reply: it was not read to its end. */
  readonly body: Buffer | undefined
}

const MAX_REPLY_BYTES = 64 * 1024

/** The server of an account, taken apart once for all pushes. */
export interface PushTarget extends RequestOptions {
  readonly protocol: string
  /** Path and query of every call, to which the call's own query is added. */
  readonly path: string
}

/** @throws TypeError for what is no URL */
export function pushTarget(url: string): PushTarget {
  const { protocol, path, ...options } = urlToHttpOptions(new URL(url))
  return { ...options, protocol: protocol ?? '', path: path ?? '/' }
}

function withQuery(path: string, query: Readonly<Record<string, string>>): string {
  let whole = path
  for (const name in query) {
    whole += `${whole.includes('?') ? '&' : '?'}${name}=${encodeURIComponent(query[name] ?? '')}`
  }
  return whole
}

/** Calls one account's server; connections are kept open between calls, as the platform does. */
export class PushCaller {
  readonly #agent = new Agent({ keepAlive: true })
  readonly #secureAgent = new SecureAgent({ keepAlive: true })
  readonly #underway = new Set<ClientRequest>()

  /** @param timeoutMs wall time from the first byte sent to the last received */
  constructor(private readonly timeoutMs: number) {}

  /**
   * Posts a body, or gets when there is none. Redirects are not followed: they are an answer, and no good one.
   * @throws PushTimedOut, and what the connection throws
   */
  call(
    target: PushTarget,
    query: Readonly<Record<string, string>>,
    body: string | undefined,
  ): Promise<PushAnswer> {
    const secure = target.protocol === 'https:'
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = []
      let length = 0
      const outgoing = (secure ? secureRequest : request)(
        {
          ...target,
          path: withQuery(target.path, query),
          method: body === undefined ? 'GET' : 'POST',
          agent: secure ? this.#secureAgent : this.#agent,
          headers:
            body === undefined
              ? {}
              : { 'content-type': 'text/xml', 'content-length': Buffer.byteLength(body) },
        },
        (response) => {
          response.on('data', (chunk: Buffer) => {
            length += chunk.length
            chunks.push(chunk)
            if (length <= MAX_REPLY_BYTES) return
            answered()
            outgoing.destroy()
          })
          const answered = () => {
            clearTimeout(timer)
            resolve({
              status: response.statusCode ?? 0,
              body: length > MAX_REPLY_BYTES ? undefined : Buffer.concat(chunks, length),
            })
          }
          response.once('error', fail)
          response.once('end', answered)
        },
      )
      const timer = setTimeout(() => outgoing.destroy(new PushTimedOut(this.timeoutMs)), this.timeoutMs)
      function fail(error: Error) {
        clearTimeout(timer)
        reject(error)
      }
      outgoing.once('error', fail)
      this.#underway.add(outgoing)
      outgoing.once('close', () => this.#underway.delete(outgoing))
      outgoing.end(body)
    })
  }

  /** Cuts what is underway. */
  close(): void {
    for (const outgoing of this.#underway) outgoing.destroy(new Error('the platform ends'))
    this.#agent.destroy()
    this.#secureAgent.destroy()
  }
}
