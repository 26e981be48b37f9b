import { FD_BYTES, type KernelFrame } from './kernel-frame.js'

/** Time stamp (8 bytes), canId (4), length (1), flags (1), number of data bytes (1), one byte free. */
const HEAD_BYTES = 16

/** Bytes that a frame takes in memory that two threads share. */
export const recordBytes = (dataBytes: number) => HEAD_BYTES + dataBytes

/** Frames laid out in records of one size, so that they cross between threads without being cloned one by one. */
export class FrameRecords {
  readonly #view: DataView
  readonly #bytes: Uint8Array
  readonly #stride: number

  /** @param dataBytes room for data in each record: 8, or 64 for FD */
  constructor(buffer: ArrayBufferLike, dataBytes: number, offset = 0) {
    this.#view = new DataView(buffer, offset)
    this.#bytes = new Uint8Array(buffer, offset)
    this.#stride = recordBytes(dataBytes)
  }

  write(index: number, { canId, flags, length, data, timestampUs }: KernelFrame): void {
    const at = index * this.#stride
    this.#view.setFloat64(at, timestampUs)
    this.#view.setUint32(at + 8, canId)
    this.#view.setUint8(at + 12, length)
    this.#view.setUint8(at + 13, flags)
    this.#view.setUint8(at + 14, data.length)
    this.#bytes.set(data, at + HEAD_BYTES)
  }

  read(index: number): KernelFrame {
    const at = index * this.#stride
    return {
      timestampUs: this.#view.getFloat64(at),
      canId: this.#view.getUint32(at + 8),
      length: this.#view.getUint8(at + 12),
      flags: this.#view.getUint8(at + 13),
      data: this.#bytes.slice(at + HEAD_BYTES, at + HEAD_BYTES + this.#view.getUint8(at + 14)),
    }
  }
}

/** Frames to be sent, as one block of memory that moves to the other thread. */
export function packFrames(frames: readonly KernelFrame[]): ArrayBuffer {
  const buffer = new ArrayBuffer(frames.length * recordBytes(FD_BYTES))
  const records = new FrameRecords(buffer, FD_BYTES)
  frames.forEach((frame, index) => records.write(index, frame))
  return buffer
}

export function unpackFrames(buffer: ArrayBuffer): KernelFrame[] {
  const records = new FrameRecords(buffer, FD_BYTES)
  return Array.from({ length: buffer.byteLength / recordBytes(FD_BYTES) }, (_, index) => records.read(index))
}
