import { EventEmitter } from 'node:events'
import type { Duplex } from 'node:stream'
import bindTransport, { type Firmata, type FirmataTransport } from 'firmata-io'
import five, { type Board } from 'johnny-five'
import { BoardLinkFailed, BoardSilent } from './arduino-errors.js'
import { firmata } from './firmata-wire.js'

/** How often a board that has not answered is asked again: while it boots it hears only what its buffer holds. */
const ASK_AGAIN_MS = 500

/** firmata-io's view of any byte stream. Writes to a stream that has ended go nowhere, as on an unplugged port. */
class StreamTransport extends EventEmitter implements FirmataTransport {
  constructor(readonly stream: Duplex) {
    super()
    stream.on('data', (bytes: Buffer) => this.emit('data', bytes))
    stream.on('error', (error: Error) => this.emit('error', error))
    stream.on('close', () => this.emit('close'))
  }

  write(bytes: Buffer, written: () => void): void {
    if (this.stream.writable) this.stream.write(bytes, written)
  }
}

export interface ConnectedBoard {
  readonly board: Board
  readonly io: Firmata
}

/**
 * Waits until johnny-five's board is ready. A board that has just got power is ready after 0.2 s with Lockstep's own
 * firmware, and after 2–3 s with StandardFirmata, which blinks its version first.
 * @param connectMs how long to wait, wall milliseconds
 * @throws BoardSilent, BoardLinkFailed; the stream is destroyed then
 */
export async function connectBoard(
  stream: Duplex,
  options: {
    readonly connectMs: number
    readonly samplingMs: number
  },
): Promise<ConnectedBoard> {
  const { connectMs, samplingMs } = options
  const transport = new StreamTransport(stream)
  const io = new bindTransport.Firmata(transport, {
    samplingInterval: samplingMs,
    reportVersionTimeout: connectMs,
  })
  // First of all: without it an error of the port is an uncaught exception.
  let linkError: Error | undefined
  io.on('error', (error: Error) => (linkError = error))
  const board = new five.Board({ io, repl: false, debug: false, sigint: false, timeout: connectMs * 2 })
  board.on('error', () => {})
  const ask = () =>
    transport.write(Buffer.from([...firmata.askVersion(), ...firmata.askFirmware()]), () => {})
  const asking = setInterval(ask, ASK_AGAIN_MS)
  io.once('reportversion', () => clearInterval(asking))
  let deadline: NodeJS.Timeout | undefined
  try {
    await new Promise<void>((resolve, reject) => {
      deadline = setTimeout(() => reject(new BoardSilent(connectMs)), connectMs)
      io.once('close', () => reject(new BoardLinkFailed({ cause: linkError })))
      board.once('ready', resolve)
      if (stream.destroyed) reject(new BoardLinkFailed())
      transport.emit('open')
      ask()
    })
    return { board, io }
  } catch (error) {
    stream.destroy()
    throw error
  } finally {
    clearInterval(asking)
    clearTimeout(deadline)
    clearTimeout(io.reportVersionTimeoutId)
    if (board.timer) clearTimeout(board.timer)
  }
}
