import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import {
  formatWishes,
  parseEvent,
  type SocketcandEvent,
  type SocketcandOffer,
  type SocketcandWishes,
} from '../../../reference/can/socketcand-messages.js'
import { SocketcandStream } from '../../../reference/can/socketcand-stream.js'
import { CanBusUnavailable, type CanUnavailableReason } from '../../../reference/ports/can-bus.js'

export interface SocketcandAddress {
  /** For messages. */
  readonly url: string
  readonly host: string
  readonly port: number
  /** The bus's name at the server. */
  readonly interface: string
}

export interface SocketcandConnection {
  readonly socket: Socket
  /** Holds what came of an element that is not complete. */
  readonly stream: SocketcandStream
  /** What a server of ours offers; any other one says nothing. */
  readonly offer: SocketcandOffer | undefined
}

/** How long a server may take over each of its answers. */
const ANSWER_MS = 5_000
const SERVER_MEND = 'Start it there, e.g. socketcand -i can0 -l lo, or lockstep can serve'

/** Why no connection came about, by the system's code. */
const REASONS: Readonly<Record<string, readonly [problem: string, mend: string]>> = {
  ECONNREFUSED: ['nobody listens there', SERVER_MEND],
  ENOTFOUND: ['no host has this name', 'Correct the name'],
  EAI_AGAIN: ['the name cannot be looked up now', 'Take the address of the host, or mend the name service'],
  EHOSTUNREACH: ['the host cannot be reached', 'Check that it is on, and the network between'],
  ENETUNREACH: ['the network cannot be reached', 'Check the cable and the routes of this machine'],
}

/** Opens a connection in raw mode, step by step; ends it where a step fails. */
class Handshake {
  readonly stream = new SocketcandStream()
  readonly socket: Socket
  #heard = ''
  #events: SocketcandEvent[] = []
  #arrived: (() => void) | undefined
  #ended = false
  readonly #onData = (chunk: Buffer) => {
    this.#heard ||= chunk.toString('latin1').slice(0, 60)
    for (const element of this.stream.push(chunk)) {
      try {
        this.#events.push(parseEvent(element))
      } catch {
        // It is none of the answers that are awaited.
      }
    }
    this.#arrived?.()
  }
  readonly #onEnd = () => {
    this.#ended = true
    this.#arrived?.()
  }

  constructor(
    private readonly address: SocketcandAddress,
    private readonly answerMs: number,
  ) {
    this.socket = connect({ host: address.host, port: address.port, noDelay: true })
    this.socket.on('data', this.#onData)
    this.socket.on('close', this.#onEnd)
    this.socket.on('error', this.#onEnd)
  }

  async connected(): Promise<void> {
    try {
      await once(this.socket, 'connect', { signal: AbortSignal.timeout(this.answerMs) })
    } catch (error) {
      const { code = '', name } = error as NodeJS.ErrnoException
      if (name === 'AbortError')
        throw this.failure('not-reachable', 'no connection came about', 'Check the network')
      const [problem, mend] = REASONS[code] ?? [`the connection failed (${code})`, SERVER_MEND]
      throw this.failure('not-reachable', problem, mend, error)
    }
  }

  say(text: string): void {
    this.socket.write(text, 'latin1')
  }

  /** @returns the first event that is asked for; undefined when the deadline or the connection's end comes before it */
  async awaited(is: (event: SocketcandEvent) => boolean): Promise<SocketcandEvent | undefined> {
    let deadline: NodeJS.Timeout | undefined
    let late = false
    try {
      for (;;) {
        const found = this.#events.findIndex(is)
        if (found >= 0) return this.#events.splice(0, found + 1).at(-1)
        if (late || this.#ended) return undefined
        await new Promise<void>((resolve) => {
          this.#arrived = resolve
          deadline ??= setTimeout(() => {
            late = true
            this.#arrived?.()
          }, this.answerMs)
        })
      }
    } finally {
      clearTimeout(deadline)
    }
  }

  /** What was heard first, for who took another server for a socketcand. */
  get heard(): string {
    return this.#heard ? `it said ${JSON.stringify(this.#heard)}` : 'it said nothing'
  }

  /** The handshake is over: whoever asked hears the socket from here on. */
  release(): void {
    this.socket.off('data', this.#onData)
    this.socket.off('close', this.#onEnd)
    this.socket.off('error', this.#onEnd)
  }

  failure(reason: CanUnavailableReason, problem: string, mend: string, cause?: unknown): CanBusUnavailable {
    return new CanBusUnavailable(this.address.url, reason, problem, mend, { cause })
  }
}

const isAnswer = ({ kind }: SocketcandEvent) => kind === 'ok' || kind === 'error'

/**
 * Connects, opens the bus in raw mode, and finds out whose server it is.
 * @param answerMs how long each answer may take
 * @throws CanBusUnavailable
 */
export async function connectSocketcand(
  address: SocketcandAddress,
  wishes: SocketcandWishes,
  answerMs = ANSWER_MS,
): Promise<SocketcandConnection> {
  const handshake = new Handshake(address, answerMs)
  try {
    await handshake.connected()
    if (!(await handshake.awaited(({ kind }) => kind === 'hi'))) {
      throw handshake.failure(
        'no-answer',
        `what listens there does not greet as a socketcand does; ${handshake.heard}`,
        'Check host and port',
      )
    }
    for (const [command, mend] of [
      [`< open ${address.interface} >`, `Take a bus that the server lends, not ${address.interface}`],
      ['< rawmode >', 'The server must know raw mode'],
    ] as const) {
      handshake.say(command)
      const answer = await handshake.awaited(isAnswer)
      if (!answer) throw handshake.failure('no-answer', `no answer to ${command}`, 'Restart the server')
      if (answer.kind === 'error') {
        const reason = command === '< rawmode >' ? 'refused' : 'no-such-interface'
        throw handshake.failure(reason, `the server refused ${command}: ${answer.text}`, mend)
      }
    }
    // Any server answers the echo; one of ours says before it what it offers.
    handshake.say(`${formatWishes(wishes)}< echo >`)
    const answer = await handshake.awaited(({ kind }) => kind === 'offer' || kind === 'echo')
    if (!answer) throw handshake.failure('no-answer', 'no answer to < echo >', 'Restart the server')
    handshake.release()
    const { socket, stream } = handshake
    return { socket, stream, offer: answer.kind === 'offer' ? answer.offer : undefined }
  } catch (error) {
    handshake.socket.destroy()
    throw error
  }
}
