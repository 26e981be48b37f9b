import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { RigFault } from '../rig-errors.js'

/** A board's process that says nothing for so long is taken for dead, wall milliseconds. */
const ANSWER_MS = 10_000

/** Thrown when a virtual board's process no longer tells its time. */
export class BoardClockSilent extends RigFault {
  override readonly name = 'BoardClockSilent'
}

/**
 * Tells whoever asks how much time has passed on a virtual board: a line for each line. A host that is too slow for
 * the board can thereby tell a board that is late from one that stands still.
 */
export class BoardClockPort {
  readonly #server: Server
  readonly #clients = new Set<Socket>()

  /** @param hardwareMs the board's time, hardware milliseconds since power */
  constructor(hardwareMs: () => number) {
    this.#server = createServer({ noDelay: true }, (socket) => {
      this.#clients.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => this.#clients.delete(socket))
      createInterface({ input: socket }).on('line', () => {
        if (socket.writable) socket.write(`${hardwareMs()}\n`)
      })
    })
  }

  /** @returns the port on 127.0.0.1 */
  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    const address = this.#server.address()
    return address && typeof address === 'object' ? address.port : 0
  }

  close(): void {
    this.#server.close()
    for (const client of this.#clients) client.destroy()
  }
}

/**
 * A reader of a board's clock.
 * @returns the board's time, hardware milliseconds; @throws BoardClockSilent when its process is gone or stands still
 */
export function boardClock(endpoint: {
  readonly host: string
  readonly port: number
}): () => Promise<number> {
  return async () => {
    const socket = connect(endpoint)
    const signal = AbortSignal.timeout(ANSWER_MS)
    try {
      await once(socket, 'connect', { signal })
      socket.write('\n')
      const [line] = (await once(createInterface({ input: socket }), 'line', { signal })) as [string]
      return Number(line)
    } catch (cause) {
      throw new BoardClockSilent("the virtual board's process does not tell its time", { cause })
    } finally {
      socket.destroy()
    }
  }
}
