import { Duplex } from 'node:stream'
import { SerialPort } from 'serialport'

type SerialBinding = Awaited<ReturnType<typeof SerialPort.binding.open>>

/** One read takes at most so many bytes; a tty of Linux keeps 4,096. */
const READ_BYTES = 4_096

/** What the binding for Linux and macOS waits with: one mask of events for a port, libuv's UV_READABLE and UV_WRITABLE. */
interface PortPoller {
  poll(events: number): void
  listenerCount(event: string): number
}
const WAITED_FOR = { readable: 1, writable: 2 } as const

/**
 * bindings-cpp 13 replaces the mask where it should add to it: a read that begins to wait makes it forget the write
 * that waits already, and a line whose other end stood still stays silent. So every wait names all that are under way.
 */
function waitForBoth(port: SerialBinding): void {
  const { poller } = port as { poller?: PortPoller }
  if (!poller) return // Windows waits otherwise
  const poll = poller.poll.bind(poller)
  poller.poll = (events) => {
    const waiting = Object.entries(WAITED_FOR).filter(([event]) => poller.listenerCount(event) > 0)
    poll(waiting.reduce((mask, [, event]) => mask | event, events))
  }
}

/**
 * The stream on top of serialport's binding. SerialPort's own does not free the port when it is destroyed, and tells
 * of an unplugged device only through its private error; this one is a Duplex like a socket.
 */
class SerialLine extends Duplex {
  #closed: Promise<void> | undefined

  constructor(private readonly port: SerialBinding) {
    super({ highWaterMark: READ_BYTES })
    waitForBoth(port)
  }

  override _read(): void {
    const bytes = Buffer.allocUnsafe(READ_BYTES)
    this.port.read(bytes, 0, bytes.length).then(
      ({ bytesRead }) => this.push(bytes.subarray(0, bytesRead)),
      (error: Error) => this.#broke(error),
    )
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.port.write(chunk).then(() => done(), done)
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'latin1', done)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#closed ??= this.port.isOpen ? this.port.close() : Promise.resolve()
    this.#closed.then(
      () => done(error),
      (closing: Error) => done(error ?? closing),
    )
  }

  #broke(error: Error): void {
    if (!this.destroyed) this.destroy(error)
  }
}

/**
 * Opens a serial port, a pty or a USB adapter, 8N1, locked against others.
 * @param baudRate bits a second of the line; USB adapters and ptys do not care
 * @returns closes the port when it is destroyed
 * @throws what the system says; `openSlcan` gives it a name
 */
export async function openSerialLine(path: string, baudRate: number): Promise<Duplex> {
  return new SerialLine(await SerialPort.binding.open({ path, baudRate }))
}

/** Paths of the serial devices that the system knows, e.g. `/dev/ttyACM0`. */
export async function listSerialDevices(): Promise<readonly string[]> {
  return (await SerialPort.list()).map(({ path }) => path)
}
