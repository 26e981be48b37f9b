import { createMemoryCan } from '../../simulated/memory-can/memory-can.js'
import { measureIsoTp, type IsoTpThroughput } from './iso-tp-throughput.js'

export interface IsoTpRow extends IsoTpThroughput {
  readonly bitrate: number
}

const MESSAGES = 20
const MESSAGE_BYTES = 4_000
/** Bit rate of the bus and block size; 0 is one flow control for the whole message. */
const SETTINGS = [
  [500_000, 0],
  [500_000, 8],
  [1_000_000, 0],
] as const

/** In the bus's own time: what the protocol and its timers leave of the wire, on any machine. */
export async function measureIsoTpRows(): Promise<IsoTpRow[]> {
  const rows: IsoTpRow[] = []
  for (const [bitrate, blockSize] of SETTINGS) {
    const can = createMemoryCan({ bitrate, pace: 'virtual' })
    const run = { bitrate, messages: MESSAGES, messageBytes: MESSAGE_BYTES, blockSize }
    rows.push({ bitrate, ...(await measureIsoTp(can, run)) })
    await can.close()
  }
  return rows
}
