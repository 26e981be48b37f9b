import type { Socket } from 'node:dgram'

/**
 * Datagrams that go out in one turn of the event loop. libuv reads 32 a turn and socket (uv__udp_recvmsg): a sender
 * that stays below lets the nodes of its own process read what it sends before their buffers are full.
 */
const PER_TURN = 16

type Sent = (error: Error | null) => void

/** Sends at once while a turn of the event loop has room, later otherwise; always in the order of the calls. */
export class PacedSender {
  readonly #waiting: { readonly datagram: Uint8Array; readonly sent: Sent }[] = []
  #room = PER_TURN
  #turn: NodeJS.Immediate | undefined

  /** @param socket connected to where the datagrams go */
  constructor(private readonly socket: Socket) {}

  send(datagram: Uint8Array, sent: Sent): void {
    this.#waiting.push({ datagram, sent })
    this.#sendWhatFits()
  }

  #sendWhatFits(): void {
    for (; this.#room > 0; this.#room--) {
      const next = this.#waiting.shift()
      if (!next) break
      this.socket.send(next.datagram, next.sent)
    }
    this.#turn ??= setImmediate(() => {
      this.#turn = undefined
      this.#room = PER_TURN
      if (this.#waiting.length > 0) this.#sendWhatFits()
    })
  }

  /** Nothing goes out any more. */
  end(): void {
    clearImmediate(this.#turn)
    for (const { sent } of this.#waiting.splice(0)) sent(new Error('the socket is closed'))
  }
}
