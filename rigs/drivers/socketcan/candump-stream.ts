import { ERR_FLAG, EFF_FLAG, FDF, FD_BYTES, RTR_FLAG, type KernelFrame } from './kernel-frame.js'

/** Who put a frame on the bus, as `candump -x` tells: a process of this machine (`T`), or another node (`R`). */
export type CandumpDirection = 'T' | 'R' | undefined

export interface CandumpListener {
  frame(frame: KernelFrame, direction: CandumpDirection): void
  /** The kernel had no room for so many frames, just before the next one. */
  dropped(frames: number): void
  /** A line that candump is not known to write. */
  unreadable(line: string): void
}

const FRAME =
  /^\((\d+)\.(\d{6})\) +\S+ ([0-9A-F]{3}|[0-9A-F]{8})#(?:R([0-9]?)|#([0-9A-F])([0-9A-F]*)|([0-9A-F]*))(?:_[9A-F])?(?: ([RT]))?$/
const DROPPED = /^DROPCOUNT: dropped (\d+) CAN frames? on /
const NO_DATA = new Uint8Array(0)
/** No line of candump's is as long; what has no line end by then is no output of candump. */
const MAX_LINE = 1_024

/** Reads what `candump -L -d -x` writes, wherever its pieces are cut. */
export class CandumpStream {
  #rest = ''

  constructor(private readonly listener: CandumpListener) {}

  push(chunk: Buffer): void {
    const text = this.#rest + chunk.toString('latin1')
    let start = 0
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      this.#line(text.slice(start, end))
      start = end + 1
    }
    this.#rest = text.slice(start)
    if (this.#rest.length > MAX_LINE) {
      this.listener.unreadable(this.#rest)
      this.#rest = ''
    }
  }

  #line(line: string): void {
    const match = FRAME.exec(line)
    const frame = match && frameOf(match)
    if (frame) return this.listener.frame(frame, match[8] as CandumpDirection)
    const dropped = DROPPED.exec(line)?.[1]
    if (dropped !== undefined) return this.listener.dropped(Number(dropped))
    if (line !== '') this.listener.unreadable(line)
  }
}

function frameOf(match: RegExpExecArray): KernelFrame | undefined {
  const [, seconds = '', micros = '', id = '', asked, fdFlags, fdData, classicData = ''] = match
  const number = Number.parseInt(id, 16)
  // The log has no sign for the format but the number of digits; an error frame has a flag in its eight.
  const canId = id.length === 8 && !(number & ERR_FLAG) ? (number | EFF_FLAG) >>> 0 : number
  const timestampUs = Number(seconds) * 1_000_000 + Number(micros)
  if (asked !== undefined) {
    return { canId: (canId | RTR_FLAG) >>> 0, flags: 0, length: Number(asked), data: NO_DATA, timestampUs }
  }
  const hex = fdData ?? classicData
  if (hex.length % 2 !== 0 || hex.length > 2 * FD_BYTES) return undefined
  const data = hex === '' ? NO_DATA : new Uint8Array(Buffer.from(hex, 'hex'))
  // Kernels before 6.1 leave the FDF bit out.
  const flags = fdFlags === undefined ? 0 : Number.parseInt(fdFlags, 16) | FDF
  return { canId, flags, length: data.length, data, timestampUs }
}
