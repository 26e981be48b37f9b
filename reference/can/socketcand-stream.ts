/** Longest element: a CAN FD frame of 64 bytes, blanks between them, needs about 230 characters. */
const MAX_ELEMENT = 512

/**
 * Cuts a byte stream into socketcand's elements, `< … >` (linux-can/socketcand, doc/protocol.md). Holds no more than
 * one element, and finds the next one after whatever is none.
 */
export class SocketcandStream {
  #rest = ''
  #garbage = 0

  /** Bytes that belonged to no element. */
  get garbage(): number {
    return this.#garbage
  }

  /** @returns what stands between the brackets of each element that is complete, without the blanks around it */
  push(chunk: Uint8Array): string[] {
    const text = this.#rest + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1')
    const elements: string[] = []
    let at = 0
    for (;;) {
      const first = text.indexOf('<', at)
      if (first < 0) {
        this.#skip(text.slice(at))
        this.#rest = ''
        return elements
      }
      this.#skip(text.slice(at, first))
      const end = text.indexOf('>', first)
      // A bracket that opens again begins anew: the end of the element before it is lost.
      const start = text.lastIndexOf('<', end < 0 ? text.length : end)
      this.#garbage += start - first
      if (end < 0 || end - start > MAX_ELEMENT) {
        if (text.length - start <= MAX_ELEMENT) {
          this.#rest = text.slice(start)
          return elements
        }
        // Too long to be one: only what follows its bracket may hold another.
        this.#garbage++
        at = start + 1
        continue
      }
      elements.push(text.slice(start + 1, end).trim())
      at = end + 1
    }
  }

  /** Line ends and blanks between elements are nobody's mistake. */
  #skip(between: string): void {
    this.#garbage += between.trim().length
  }
}
