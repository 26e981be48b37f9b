import { Agent, type Dispatcher } from 'undici'

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
export interface PushTarget {
  readonly origin: string
  /** Path and query of every call, to which the call's own query is added. */
  readonly path: string
  /** From a user and password in the URL. */
  readonly authorization?: string
}

/** @throws TypeError for what is no URL */
export function pushTarget(text: string): PushTarget {
  const { origin, pathname, search, username, password } = new URL(text)
  const user = [username, password].map(decodeURIComponent).join(':')
  return {
    origin,
    path: pathname + search,
    ...(username !== '' && { authorization: `Basic ${Buffer.from(user).toString('base64')}` }),
  }
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
  // the only patience is the platform's own, below
  readonly #agent = new Agent({ headersTimeout: 0, bodyTimeout: 0, connect: { timeout: 0 } })

  /** @param timeoutMs wall time from the call to the last byte received */
  constructor(private readonly timeoutMs: number) {}

  /**
   * Posts a body, or gets when there is none. Redirects are not followed: they are an answer, and no good one.
   * @throws PushTimedOut, and what the connection throws
   */
  call(
    { origin, path, authorization }: PushTarget,
    query: Readonly<Record<string, string>>,
    body: string | undefined,
  ): Promise<PushAnswer> {
    const headers = {
      ...(body !== undefined && { 'content-type': 'text/xml' }),
      ...(authorization !== undefined && { authorization }),
    }
    const method = body === undefined ? 'GET' : 'POST'
    return new Promise((resolve, reject) => {
      const reading = new ReadAnswer(this.timeoutMs, resolve, reject)
      this.#agent.dispatch(
        { origin, path: withQuery(path, query), method, headers, body: body ?? null },
        reading,
      )
    })
  }

  /** Cuts what is underway. */
  close(): Promise<void> {
    return this.#agent.destroy(new Error('the platform ends'))
  }
}

/** Reads one answer, within its time and no further than any reply is long. */
class ReadAnswer implements Dispatcher.DispatchHandler {
  #status = 0
  #length = 0
  readonly #chunks: Buffer[] = []
  #controller: Dispatcher.DispatchController | undefined
  #cut: Error | undefined
  readonly #timer: NodeJS.Timeout

  constructor(
    timeoutMs: number,
    private readonly resolve: (answer: PushAnswer) => void,
    private readonly reject: (error: Error) => void,
  ) {
    this.#timer = setTimeout(() => {
      const error = new PushTimedOut(timeoutMs)
      this.#end(error)
      this.reject(error)
    }, timeoutMs)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#cut) controller.abort(this.#cut) // the time was over before there was a connection
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    this.#status = status
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#length += chunk.length
    this.#chunks.push(chunk)
    if (this.#length <= MAX_REPLY_BYTES || this.#cut) return
    this.resolve({ status: this.#status, body: undefined })
    this.#end(new Error('this is longer than any reply'))
  }

  onResponseEnd(): void {
    clearTimeout(this.#timer)
    this.resolve({ status: this.#status, body: Buffer.concat(this.#chunks, this.#length) })
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    clearTimeout(this.#timer)
    this.reject(error)
  }

  #end(cut: Error): void {
    clearTimeout(this.#timer)
    this.#cut = cut
    this.#controller?.abort(cut)
  }
}
