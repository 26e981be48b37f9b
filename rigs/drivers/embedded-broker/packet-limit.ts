import type { Socket } from 'node:net'

/** Most bytes of one MQTT packet; Mosquitto's `max_packet_size` in this project's settings. */
export const MAX_PACKET_BYTES = 65_536

/** Most bytes of a "remaining length" (MQTT 3.1.1, 2.2.3). */
const LENGTH_BYTES = 4

/** Where in a stream of MQTT packets we are: reads nothing of them but their lengths. */
class PacketLengths {
  #count = 0
  /** Of the packet that is under way, what is still to come, bytes. */
  #left = 0
  /** Bytes of a fixed header that is not complete: undefined between packets. */
  #header: { length: number; count: number } | undefined

  constructor(
    private readonly mostBytes: number,
    private readonly onPacket: (count: number) => void,
  ) {}

  /** @returns false when a packet that begins in these bytes is too long, or its length is no length */
  allows(chunk: Uint8Array): boolean {
    let at = 0
    while (at < chunk.length) {
      if (this.#left > 0) {
        const taken = Math.min(this.#left, chunk.length - at)
        this.#left -= taken
        at += taken
      } else if (!this.#header) {
        this.#header = { length: 0, count: 0 }
        this.onPacket(++this.#count)
        at++ // type and flags
      } else {
        const byte = chunk[at++]!
        this.#header.length += (byte & 0x7f) * 128 ** this.#header.count++
        if (this.#header.length > this.mostBytes) return false
        if (byte < 0x80) {
          this.#left = this.#header.length
          this.#header = undefined
        } else if (this.#header.count === LENGTH_BYTES) return false
      }
    }
    return true
  }
}

/**
 * Cuts a connection at the header of a packet that is too long, before any of it is kept: the parser of aedes has no
 * limit of its own, so that one client could fill the memory of all.
 */
export function limitPackets(
  socket: Socket,
  listener: {
    /** Called as each packet begins. @param count from 1 */
    onPacket(count: number): void
    /** Called once, when the connection is about to be cut. */
    onTooLong(): void
  },
  mostBytes = MAX_PACKET_BYTES,
): void {
  const lengths = new PacketLengths(mostBytes, (count) => listener.onPacket(count))
  const read = socket.read.bind(socket)
  // Whoever consumes a paused stream calls this, so nothing goes past it, and no copy is made.
  socket.read = (size?: number) => {
    const chunk = read(size) as Buffer | null
    if (chunk === null || lengths.allows(chunk)) return chunk
    socket.read = () => null
    listener.onTooLong()
    socket.destroy()
    return null
  }
}
