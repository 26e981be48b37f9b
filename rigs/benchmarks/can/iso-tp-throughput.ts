import { frameBits } from '../../../reference/can/frame-bits.js'
import { openIsoTp, type IsoTpOptions } from '../../../reference/can/iso-tp-link.js'
import type { CanBus, CanFrame } from '../../../reference/ports/can-bus.js'

/** A classic bus that stamps frames with its own time, and says what goes over it. */
export interface TimedCan {
  join(nodeName: string): CanBus
  /** @returns unsubscribe */
  tap(listener: (frame: CanFrame & { readonly timestampUs: number }) => void): () => void
}

export interface IsoTpThroughput {
  readonly messages: number
  readonly messageBytes: number
  readonly blockSize: number
  /** In the bus's time, from the start of the first frame to the end of the last. */
  readonly bytesPerSecond: number
  /** What the wire would carry of the same messages, if nothing but their own frames went over it, back to back. */
  readonly limitBytesPerSecond: number
  readonly shareOfLimit: number
  /** How much of the time the wire was busy, flow control included. */
  readonly load: number
}

export interface IsoTpThroughputRun {
  /** Bits a second, of the bus. */
  readonly bitrate: number
  readonly messages: number
  /** 1…4095. */
  readonly messageBytes: number
  /** 0: no flow control but the first. */
  readonly blockSize: number
  readonly options?: Partial<IsoTpOptions>
}

const IDS = [0x6a0, 0x6a8] as const

/** Sends messages one after the other over two nodes of the bus, which has to be idle. */
export async function measureIsoTp(
  can: TimedCan,
  { bitrate, messages, messageBytes, blockSize, options = {} }: IsoTpThroughputRun,
): Promise<IsoTpThroughput> {
  const [a, b] = [can.join('iso-tp-sender'), can.join('iso-tp-receiver')]
  const [there, back] = IDS
  const settings = { ...options, blockSize }
  const sender = openIsoTp(a, { transmitId: there, receiveId: back, extended: false }, settings)
  const receiver = openIsoTp(b, { transmitId: back, receiveId: there, extended: false }, settings)
  let [startUs, endUs, payloadUs, busyUs] = [Infinity, 0, 0, 0]
  const untap = can.tap((frame) => {
    const tookUs = (frameBits(frame) * 1_000_000) / bitrate
    startUs = Math.min(startUs, frame.timestampUs - tookUs)
    endUs = frame.timestampUs
    busyUs += tookUs
    if (frame.id === there) payloadUs += tookUs
  })
  const payload = Uint8Array.from({ length: messageBytes }, (_, i) => i % 251)
  let received = 0
  const whole = new Promise<void>((resolve, reject) => {
    receiver.onFault(reject)
    receiver.onMessage(() => {
      if (++received === messages) resolve()
    })
  })
  for (let sent = 0; sent < messages; sent++) await sender.send(payload)
  await whole
  untap()
  sender.close()
  receiver.close()
  await Promise.all([a.close(), b.close()])
  const bytes = messages * messageBytes
  const elapsedUs = endUs - startUs
  return {
    messages,
    messageBytes,
    blockSize,
    bytesPerSecond: (bytes * 1_000_000) / elapsedUs,
    limitBytesPerSecond: (bytes * 1_000_000) / payloadUs,
    shareOfLimit: payloadUs / elapsedUs,
    load: busyUs / elapsedUs,
  }
}
