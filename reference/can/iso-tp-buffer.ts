/** Up to here a message's room is taken at once. */
const FIRST_ROOM_BYTES = 4_096

/** Gathers a message. Its announced length is only a claim: room is taken as the bytes come, twice as much at most. */
export class IsoTpBuffer {
  #room: Uint8Array
  #filled = 0

  /** @param length bytes that were announced */
  constructor(readonly length: number) {
    this.#room = new Uint8Array(Math.min(length, FIRST_ROOM_BYTES))
  }

  get missing(): number {
    return this.length - this.#filled
  }

  /** Bytes that are held for it. */
  get roomBytes(): number {
    return this.#room.length
  }

  /** Takes as many of the bytes as are missing. */
  append(bytes: Uint8Array): void {
    const due = bytes.length > this.missing ? bytes.subarray(0, this.missing) : bytes
    const needed = this.#filled + due.length
    if (needed > this.#room.length) {
      const larger = new Uint8Array(Math.min(this.length, Math.max(needed, this.#room.length * 2)))
      larger.set(this.#room.subarray(0, this.#filled))
      this.#room = larger
    }
    this.#room.set(due, this.#filled)
    this.#filled = needed
  }

  /** The whole message, once nothing is missing. */
  whole(): Uint8Array {
    return this.#room
  }
}
