import { MalformedCameraStream } from './camera-errors.js'

/** A part's header, and a picture, longer than this is no camera's. */
const LARGEST_HEADER_BYTES = 4_096
const LARGEST_PICTURE_BYTES = 8 * 1024 * 1024
const HEADER_END = Buffer.from('\r\n\r\n')

/** The boundary that a Content-Type names (RFC 2046, 5.1.1), with the dashes that stand before it in the body. */
export function boundaryOf(contentType: string): string | undefined {
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;]{1,70}))/i.exec(contentType) ?? []
  const boundary = quoted ?? plain
  // Many cameras name it with the dashes already.
  return boundary === undefined ? undefined : `--${boundary.replace(/^--/, '')}`
}

/** Cuts a multipart/x-mixed-replace body into its parts, however the bytes are chopped; holds one part at most. */
export class MjpegParser {
  #chunks: Buffer[] = []
  #held = 0
  /** Bytes that the present part needs at least before it is worth looking again. */
  #wanted = 0
  readonly #boundary: Buffer

  constructor(
    boundary: string,
    private readonly onPicture: (bytes: Buffer) => void,
  ) {
    this.#boundary = Buffer.from(boundary, 'latin1')
  }

  /** @throws MalformedCameraStream */
  push(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#held += chunk.length
    if (this.#held < this.#wanted) return
    let rest = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks, this.#held)
    for (let used = this.#part(rest); used > 0; used = this.#part(rest)) rest = rest.subarray(used)
    this.#chunks = rest.length > 0 ? [rest] : []
    this.#held = rest.length
  }

  /** @returns how many bytes a whole part took, or 0 while it is not whole */
  #part(bytes: Buffer): number {
    this.#wanted = 0
    const start = bytes.indexOf(this.#boundary)
    if (start < 0) {
      if (bytes.length > LARGEST_HEADER_BYTES) {
        throw new MalformedCameraStream(
          `no boundary ${this.#boundary.toString('latin1')} in ${bytes.length} bytes`,
        )
      }
      return 0
    }
    const headerAt = start + this.#boundary.length
    if (bytes.toString('latin1', headerAt, headerAt + 2) === '--') {
      throw new MalformedCameraStream('the camera closed it')
    }
    const headerEnd = bytes.indexOf(HEADER_END, headerAt)
    if (headerEnd < 0) {
      if (bytes.length - headerAt > LARGEST_HEADER_BYTES) {
        throw new MalformedCameraStream('the header of a part does not end')
      }
      return 0
    }
    const header = bytes.toString('latin1', headerAt, headerEnd)
    const bodyAt = headerEnd + HEADER_END.length
    const [, length] = /^content-length:\s*(\d{1,12})\s*$/im.exec(header) ?? []
    const end = length === undefined ? this.#nextBoundary(bytes, bodyAt) : bodyAt + Number(length)
    if (end !== undefined && end - bodyAt > LARGEST_PICTURE_BYTES) {
      throw new MalformedCameraStream(`a part of ${end - bodyAt} bytes`)
    }
    if (end === undefined || bytes.length < end) {
      this.#wanted = end ?? 0
      return 0
    }
    this.onPicture(bytes.subarray(bodyAt, end))
    return end
  }

  #nextBoundary(bytes: Buffer, bodyAt: number): number | undefined {
    const next = bytes.indexOf(this.#boundary, bodyAt)
    if (next >= 0) return bytes.toString('latin1', next - 2, next) === '\r\n' ? next - 2 : next
    if (bytes.length - bodyAt > LARGEST_PICTURE_BYTES) {
      throw new MalformedCameraStream(`a part of more than ${LARGEST_PICTURE_BYTES} bytes`)
    }
    return undefined
  }
}
