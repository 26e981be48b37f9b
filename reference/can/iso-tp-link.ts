import type { CanLine } from '../ports/can-bus.js'
import { IsoTpClosed, IsoTpError } from './iso-tp-errors.js'
import { decodeIsoTpFrame, encodeIsoTpFrame, MAX_ISO_TP_BYTES, type IsoTpFrame } from './iso-tp-frame.js'
import { IsoTpReceiver, type IsoTpReceiverOptions } from './iso-tp-receiver.js'
import { IsoTpSender, type IsoTpSenderOptions } from './iso-tp-sender.js'

/** Normal addressing: one CAN id for each direction. */
export interface IsoTpAddress {
  readonly transmitId: number
  readonly receiveId: number
  readonly extended: boolean
}

export interface IsoTpOptions extends IsoTpSenderOptions, IsoTpReceiverOptions {
  /** Byte that fills frames up to 8 bytes; undefined sends them as short as they are. */
  readonly padding: number | undefined
}

/** Timeouts of ISO 15765-2, table 21; padding of ISO 15765-4 (0xCC keeps stuff bits rare). */
export const DEFAULT_ISO_TP: IsoTpOptions = {
  flowControlTimeoutMs: 1_000,
  consecutiveTimeoutMs: 1_000,
  maxWaitFrames: 8,
  blockSize: 8,
  separationMs: 0,
  maxBytes: MAX_ISO_TP_BYTES,
  padding: 0xcc,
}

export interface IsoTpLink {
  /**
   * Resolves when the last frame is out; messages of one link go out one after the other.
   * @param payload 1…4095 bytes
   * @throws IsoTpError, or what the bus throws
   */
  send(payload: Uint8Array): Promise<void>
  /** @returns unsubscribe */
  onMessage(listener: (payload: Uint8Array) => void): () => void
  /** Messages that were on their way here and were dropped. @returns unsubscribe */
  onFault(listener: (error: IsoTpError) => void): () => void
  /** Lets go of the bus, which stays open; a message under way is given up with IsoTpClosed. */
  close(): void
}

/** Opens an ISO 15765-2 link on a node of a bus: it can send and receive. */
export function openIsoTp(
  bus: CanLine,
  address: IsoTpAddress,
  changes: Partial<IsoTpOptions> = {},
): IsoTpLink {
  const options = { ...DEFAULT_ISO_TP, ...changes }
  const messageListeners = new Set<(payload: Uint8Array) => void>()
  const faultListeners = new Set<(error: IsoTpError) => void>()
  let closed = false
  let queue: Promise<void> = Promise.resolve()

  const transmit = (frame: IsoTpFrame) =>
    bus.send({
      id: address.transmitId,
      extended: address.extended,
      data: encodeIsoTpFrame(frame, options.padding),
    })
  const fault = (error: IsoTpError) => {
    for (const listener of [...faultListeners]) listener(error)
  }
  const sender = new IsoTpSender(transmit, options)
  const receiver = new IsoTpReceiver(
    {
      flowControl: (frame) => {
        transmit(frame).catch((cause: unknown) => {
          if (!closed) fault(new IsoTpError('the flow control could not be sent', { cause }))
        })
      },
      message: (payload) => {
        for (const listener of [...messageListeners]) listener(payload)
      },
      fault,
    },
    options,
  )
  const unsubscribe = bus.onFrame(({ id, extended, remote, data }) => {
    if (id !== address.receiveId || extended !== address.extended || remote) return
    const frame = decodeIsoTpFrame(data)
    if (frame?.kind === 'flow-control') sender.acceptFlowControl(frame)
    else if (frame) receiver.accept(frame)
  })

  return {
    send(payload) {
      if (closed) return Promise.reject(new IsoTpClosed())
      const own = payload.slice()
      const sent = queue.then(() => sender.send(own))
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
    close() {
      closed = true
      unsubscribe()
      sender.close()
      receiver.close()
    },
  }
}
