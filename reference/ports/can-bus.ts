/** A CAN frame (ISO 11898-1), classic or FD. */
export interface CanFrame {
  /** 0…0x7FF, or 0…0x1FFFFFFF when `extended`. */
  readonly id: number
  readonly extended: boolean
  /** 0…8 bytes; with `fd` 0…8, 12, 16, 20, 24, 32, 48 or 64. */
  readonly data: Uint8Array
  /** Remote request: no data; `remoteLength` bytes are asked for. */
  readonly remote?: boolean
  readonly remoteLength?: number
  readonly fd?: boolean
}

/** A frame as a node received it. */
export interface ReceivedCanFrame extends CanFrame {
  /** Microseconds on the bus's clock. */
  readonly timestampUs: number
}

/** One node on a bus. It does not hear its own frames. */
export interface CanBus {
  /**
   * Resolves when the frame has gone out on the wire.
   * @throws MalformedCanFrame, CanBusClosed
   */
  send(frame: CanFrame): Promise<void>
  /** @returns unsubscribe */
  onFrame(listener: (frame: ReceivedCanFrame) => void): () => void
  /** Frames that were lost on the way to this node since it joined, as far as the driver can know. */
  readonly lostFrames: number
  close(): Promise<void>
}

/** Thrown for a frame that no CAN controller could send; nothing was sent. */
export class MalformedCanFrame extends Error {
  override readonly name = 'MalformedCanFrame'
}

export class CanBusClosed extends Error {
  override readonly name = 'CanBusClosed'
  constructor() {
    super('this CAN node is closed; nothing was sent')
  }
}
