import { frameBits } from '../../../reference/can/frame-bits.js'
import { openIsoTp } from '../../../reference/can/iso-tp-link.js'
import type { CanFrame } from '../../../reference/ports/can-bus.js'
import { createMemoryCan } from '../../simulated/memory-can/memory-can.js'

/** Payload over ISO-TP as a share of what the wire could carry if its frames followed one another without a gap. */
export interface IsoTpRow {
  readonly bitrate: number
  readonly payloadBytes: number
  readonly blockSize: number
  readonly bytesPerSecond: number
  /** The wire's limit with the same frames, flow control included: 1 when the bus never idles. */
  readonly shareOfWire: number
}

const PAYLOAD_BYTES = 4_000
const MESSAGES = 5

async function measure(bitrate: number, blockSize: number): Promise<IsoTpRow> {
  const can = createMemoryCan({ bitrate })
  const sender = openIsoTp(can.join('sender'), { transmitId: 0x6a0, receiveId: 0x6a8, extended: false })
  const receiver = openIsoTp(
    can.join('receiver'),
    { transmitId: 0x6a8, receiveId: 0x6a0, extended: false },
    { blockSize },
  )
  const payload = Uint8Array.from({ length: PAYLOAD_BYTES }, (_, i) => i % 251)
  let bits = 0
  let startUs: number | undefined
  let endUs = 0
  can.tap((frame: CanFrame & { timestampUs: number }) => {
    const length = frameBits(frame)
    bits += length
    startUs ??= frame.timestampUs - (length * 1e6) / bitrate
    endUs = frame.timestampUs
  })
  for (let n = 0; n < MESSAGES; n++) {
    const received = new Promise<Uint8Array>((resolve) => {
      const unsubscribe = receiver.onMessage((message) => {
        unsubscribe()
        resolve(message)
      })
    })
    await sender.send(payload)
    await received
  }
  sender.close()
  receiver.close()
  await can.close()
  const seconds = (endUs - (startUs ?? 0)) / 1e6
  return {
    bitrate,
    payloadBytes: PAYLOAD_BYTES,
    blockSize,
    bytesPerSecond: (PAYLOAD_BYTES * MESSAGES) / seconds,
    shareOfWire: bits / bitrate / seconds,
  }
}

/** On the bus that keeps its wire's pace, in wall time. */
export async function measureIsoTp(): Promise<IsoTpRow[]> {
  return [await measure(500_000, 0), await measure(500_000, 8), await measure(1_000_000, 0)]
}
