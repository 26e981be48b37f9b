import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { nextLine, readLines } from '../../../reference/read-lines.js'
import { RigFault } from '../rig-errors.js'

/** A board's process that says nothing for so long is taken for dead, wall milliseconds. */
const ANSWER_MS = 10_000

/** A client that asks and does not read is dropped at so many bytes; one that never ends its line, at so many characters. */
const MAX_UNREAD_BYTES = 64 * 1024
const MAX_QUESTION_CHARACTERS = 1_024

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
      readLines(
        socket,
        () => {
          if (socket.writableLength > MAX_UNREAD_BYTES) socket.destroy()
          else if (socket.writable) socket.write(`${hardwareMs()}\n`)
        },
        { maxLineCharacters: MAX_QUESTION_CHARACTERS },
      )
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
    // What it is about is in the rejection of the await that it ends.
    socket.on('error', () => socket.destroy())
    const signal = AbortSignal.timeout(ANSWER_MS)
    try {
      await once(socket, 'connect', { signal })
      socket.write('\n')
      return Number(await nextLine(socket, signal))
    } catch (cause) {
      throw new BoardClockSilent("the virtual board's process does not tell its time", { cause })
    } finally {
      socket.destroy()
    }
  }
}
