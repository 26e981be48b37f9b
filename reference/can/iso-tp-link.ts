import type { CanLine, ReceivedCanFrame } from '../ports/can-bus.js'
import { isoTpFraming, type IsoTpAddress } from './iso-tp-address.js'
import { IsoTpEcho } from './iso-tp-echo.js'
import { IsoTpClosed, type IsoTpError } from './iso-tp-errors.js'
import { CLASSIC_FRAME_BYTES, decodeIsoTpFrame, encodeIsoTpFrame, type IsoTpFrame } from './iso-tp-frame.js'
import { isoTpOptions, type IsoTpOptions } from './iso-tp-options.js'
import { IsoTpReceiver } from './iso-tp-receiver.js'
import { IsoTpSender } from './iso-tp-sender.js'

export type { IsoTpAddress } from './iso-tp-address.js'
export { DEFAULT_ISO_TP, type IsoTpOptions } from './iso-tp-options.js'

export interface IsoTpLink {
  /**
   * Resolves when the last frame is out; messages of one link go out one after the other.
   * @param payload 1…`maxBytes` bytes
   * @throws IsoTpError, or what the bus throws
   */
  send(payload: Uint8Array): Promise<void>
  /** @returns unsubscribe */
  onMessage(listener: (payload: Uint8Array) => void): () => void
  /** Messages that were on their way here and were dropped. @returns unsubscribe */
  onFault(listener: (error: IsoTpError) => void): () => void
  /**
   * Not ready: senders of segmented messages are asked to wait, `maxWaitFramesSent` times, before their message is
   * dropped. What needs no flow control, a single frame or the rest of a block, still arrives.
   */
  pause(): void
  /** Ready again: a sender that was asked to wait may go on at once. */
  resume(): void
  /** Lets go of the bus, which stays open; a message under way is given up with IsoTpClosed. */
  close(): void
}

/**
 * Opens an ISO 15765-2:2016 link on a node of a bus: it can send and receive.
 * @throws InvalidIsoTpAddress, InvalidIsoTpOption
 */
export function openIsoTp(
  bus: CanLine,
  address: IsoTpAddress,
  changes: Partial<IsoTpOptions> = {},
): IsoTpLink {
  const options = isoTpOptions(changes)
  const framing = isoTpFraming(address)
  const { addressBytes, transmitByte, receiveByte } = framing
  const { padding, fd } = options
  const half = options.duplex === 'half'
  const prefix = addressBytes ? [transmitByte] : []
  const flags = fd ? { fd: true, bitrateSwitch: fd.bitrateSwitch } : {}
  const messageListeners = new Set<(payload: Uint8Array) => void>()
  const faultListeners = new Set<(error: IsoTpError) => void>()
  let closed = false
  let queue: Promise<void> = Promise.resolve()
  const echo = new IsoTpEcho()
  let onIdle: () => void = () => undefined

  // Async, so that a bus that throws rejects.
  async function transmit(message: IsoTpFrame): Promise<void> {
    const data = encodeIsoTpFrame(message, padding, prefix)
    const frame = { id: framing.transmitId, extended: framing.extended, data, ...flags }
    if (!options.confirmByOwn) return bus.send(frame)
    const heard = echo.next(frame)
    await bus.send(frame)
    return heard
  }

  const sender = new IsoTpSender(
    { transmit, addressBytes, frameBytes: fd?.txDl ?? CLASSIC_FRAME_BYTES },
    options,
  )
  const receiver = new IsoTpReceiver(
    {
      transmit,
      message: (payload) => {
        for (const listener of [...messageListeners]) listener(payload)
      },
      fault: (error) => {
        for (const listener of [...faultListeners]) listener(error)
      },
      idle: () => onIdle(),
    },
    options,
  )

  function acceptFrame(received: ReceivedCanFrame): void {
    const { id, extended, remote, own, data } = received
    if (own && id === framing.transmitId && extended === framing.extended) return echo.accept(received)
    if (id !== framing.receiveId || extended !== framing.extended || remote || own) return
    if (addressBytes && data[0] !== receiveByte) return
    const frame = decodeIsoTpFrame(data, addressBytes)
    if (!frame) return
    if (frame.kind === 'flow-control') sender.acceptFlowControl(frame)
    // 9.8.3, half-duplex: whoever sends a segmented message takes nothing but its flow control.
    else if (!half || !sender.segmenting) receiver.accept(frame)
  }

  /** Half-duplex: a message that is coming in goes first. */
  async function lineFree(): Promise<void> {
    while (half && receiver.segmenting) await new Promise<void>((resolve) => (onIdle = resolve))
  }

  const unsubscribe = bus.onFrame(acceptFrame)
  return {
    send(payload) {
      if (closed) return Promise.reject(new IsoTpClosed())
      const own = payload.slice()
      const sent = queue.then(lineFree).then(() => sender.send(own))
      queue = sent.catch(() => undefined)
      return sent
    },
    onMessage(listener) {
      messageListeners.add(listener)
      return () => messageListeners.delete(listener)
    },
    onFault(listener) {
      faultListeners.add(listener)
      return () => faultListeners.delete(listener)
    },
    pause: () => receiver.pause(),
    resume: () => receiver.resume(),
    close() {
      closed = true
      unsubscribe()
      sender.close()
      receiver.close()
      echo.forget()
    },
  }
}
