import { RigFault, UsageFault } from './faults.js'

/** A CAN frame (ISO 11898-1:2015), classic or FD. */
export interface CanFrame {
  /** 0…0x7FF, or 0…0x1FFFFFFF when `extended`. */
  readonly id: number
  readonly extended: boolean
  /** 0…8 bytes; with `fd` 0…8, 12, 16, 20, 24, 32, 48 or 64. */
  readonly data: Uint8Array
  /** Remote request: no data; `remoteLength` bytes (0…8) are asked for. */
  readonly remote?: boolean
  readonly remoteLength?: number
  /** The length code on the wire, 9…15, of a classic frame whose 8 bytes are announced by another code than 8. */
  readonly rawDlc?: number
  readonly fd?: boolean
  /** FD only, BRS: the data phase runs at the data bit rate. */
  readonly bitrateSwitch?: boolean
  /** FD only, ESI: the sender is error-passive. */
  readonly errorStateIndicator?: boolean
}

/** A frame as a node received it. */
export interface ReceivedCanFrame extends CanFrame {
  /** Whole microseconds on the clock that `CanFeatures.timestamps` names; never runs back. */
  readonly timestampUs: number
  /** One of the node's own, heard because it was opened with `receiveOwn`. */
  readonly own?: true
}

/** What a controller or its driver reports about the bus, as Linux's `can/error.h` lays it out. */
export interface CanErrorFrame {
  /** Error classes: CAN_ERR_* without the flag CAN_ERR_FLAG, 0…0x1FFFFFFF. */
  readonly errorClass: number
  /** 8 bytes: what each class says more; bytes 6 and 7 are the transmit and receive error counters. */
  readonly data: Uint8Array
  readonly timestampUs: number
}

/** How many frames a node has lost on its way to its listeners since it was opened. */
export interface CanLoss {
  readonly frames: number
  /** False where the driver can only know that it lost some: then `frames` is the least that it can have been. */
  readonly exact: boolean
}

/** What a driver can carry and know. */
export interface CanFeatures {
  readonly fd: boolean
  readonly remote: boolean
  readonly rawDlc: boolean
  readonly errorFrames: boolean
  /** Whose clock stamps the frames: the simulated bus's, the kernel's, the adapter's, the server's, or this process's. */
  readonly timestamps: 'bus' | 'kernel' | 'adapter' | 'server' | 'host'
  /** Whether `lost` is always exact. */
  readonly countsLoss: boolean
  /** What does the work, for evidence: e.g. `candump and canplayer (can-utils 2020.11.0)`. */
  readonly backEnd: string
}

/** Lets a frame in when its id equals `id` in the bits of `mask`. */
export interface CanFilter {
  readonly id: number
  readonly mask: number
  /** Which format; both where it is left out. */
  readonly extended?: boolean
  /** Lets in what would not match. */
  readonly invert?: boolean
}

export interface CanOpenOptions {
  /** A frame is heard when one of them lets it in; all frames without filters, none with an empty list. */
  readonly filters?: readonly CanFilter[]
  /** Hears the node's own frames, marked `own`, once they are on the bus; false unless told. */
  readonly receiveOwn?: boolean
  /** Frames kept for a consumer that stalls before they are lost, and counted; 65,536 unless told. */
  readonly receiveBuffer?: number
  /** Frames that may wait to be sent before `send` refuses with CanSendQueueFull; 16,384 unless told. */
  readonly sendQueue?: number
}

export const DEFAULT_RECEIVE_BUFFER = 65_536
export const DEFAULT_SEND_QUEUE = 16_384

/** One node on a bus. */
export interface CanBus {
  readonly features: CanFeatures
  /**
   * Resolves when the frame has left this process for good: on the wire of a bus that tells, else taken by the
   * kernel, the adapter or the server. Frames go out in the order of the calls. Whoever awaits each frame is paced by
   * the bus; who does not is stopped by CanSendQueueFull.
   * @throws MalformedCanFrame, CanFrameNotCarried, CanSendQueueFull, CanBusClosed, CanBusFault
   */
  send(frame: CanFrame): Promise<void>
  /** @returns unsubscribe */
  onFrame(listener: (frame: ReceivedCanFrame) => void): () => void
  /** @returns unsubscribe */
  onErrorFrame(listener: (frame: CanErrorFrame) => void): () => void
  readonly lost: CanLoss
  /** Called when `lost` grows. @returns unsubscribe */
  onLoss(listener: (lost: CanLoss) => void): () => void
  /** Called once when the bus ends without `close`: interface down, adapter out, server gone. @returns unsubscribe */
  onFault(listener: (fault: CanBusFault) => void): () => void
  /**
   * Leaves the bus and frees all it held; a second call is the first.
   * @throws CanBusFault where a bus that is reached through others learns only now that it did not get what was sent
   */
  close(): Promise<void>
}

/** What a protocol on top of a bus needs of it. */
export type CanLine = Pick<CanBus, 'send' | 'onFrame'>

/** Thrown for a frame that no CAN controller could send; nothing was sent. */
export class MalformedCanFrame extends UsageFault {
  override readonly name = 'MalformedCanFrame'
}

/** Thrown for a sound frame that this bus cannot carry, e.g. FD on a classic one; nothing was sent. */
export class CanFrameNotCarried extends UsageFault {
  override readonly name = 'CanFrameNotCarried'
}

/** Thrown when more frames wait than the node was opened for; this one was not queued. Await `send`. */
export class CanSendQueueFull extends RigFault {
  override readonly name = 'CanSendQueueFull'
  constructor(readonly sendQueue: number) {
    super(
      `${sendQueue} frames wait to be sent already: the bus is slower than its sender; await each send, or raise sendQueue`,
    )
  }
}

export class CanBusClosed extends RigFault {
  override readonly name = 'CanBusClosed'
  constructor() {
    super('this CAN node is closed; nothing was sent')
  }
}

/** The bus ended under a node that was open. */
export class CanBusFault extends RigFault {
  override readonly name = 'CanBusFault'
}

export type CanUnavailableReason =
  | 'no-af-can'
  | 'no-such-interface'
  | 'not-can'
  | 'interface-down'
  | 'wrong-bitrate'
  | 'no-permission'
  | 'fd-on-classic'
  | 'no-back-end'
  | 'no-such-device'
  | 'not-reachable'
  | 'refused'
  | 'no-answer'

/** A bus that cannot be opened, why, and what would mend it. */
export class CanBusUnavailable extends RigFault {
  override readonly name = 'CanBusUnavailable'
  /**
   * @param url the bus that was asked for
   * @param mend an imperative, or a command line
   */
  constructor(
    readonly url: string,
    readonly reason: CanUnavailableReason,
    problem: string,
    readonly mend: string,
    options?: ErrorOptions,
  ) {
    super(`${url}: ${problem}. ${mend}`, options)
  }
}
