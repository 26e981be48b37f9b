/** What can go wrong in a segmented transfer (ISO 15765-2, 8.3.8: N_Result). */
export class IsoTpError extends Error {
  override readonly name: string = 'IsoTpError'
}

/** The timers of ISO 15765-2, 9.8.1, whose end ends a message. */
export type IsoTpTimer = 'N_As' | 'N_Ar' | 'N_Bs' | 'N_Cr'

const TIMEOUT_TEXT: Readonly<Record<IsoTpTimer, (timeoutMs: number) => string>> = {
  N_As: (ms) =>
    `the bus did not take a frame within ${ms} ms (N_As); is it up, and does anybody acknowledge?`,
  N_Ar: (ms) =>
    `the bus did not take the flow control within ${ms} ms (N_Ar); is it up, and does anybody acknowledge?`,
  N_Bs: (ms) => `the receiver sent no flow control within ${ms} ms (N_Bs); is it on the bus?`,
  N_Cr: (ms) => `the sender's next consecutive frame did not come within ${ms} ms (N_Cr); was one lost?`,
}

/** The peer did not answer in time (N_TIMEOUT_Bs, N_TIMEOUT_Cr), or the bus did not carry a frame (N_TIMEOUT_A). */
export class IsoTpTimeout extends IsoTpError {
  override readonly name = 'IsoTpTimeout'
  constructor(
    readonly timer: IsoTpTimer,
    readonly timeoutMs: number,
  ) {
    super(TIMEOUT_TEXT[timer](timeoutMs))
  }
}

/** N_WRONG_SN: a consecutive frame was lost, repeated or overtaken; the message is dropped. */
export class IsoTpWrongSequence extends IsoTpError {
  override readonly name = 'IsoTpWrongSequence'
  constructor(
    readonly expected: number,
    readonly received: number,
  ) {
    super(`consecutive frame ${received} came where ${expected} was due; the message is dropped`)
  }
}

/** N_BUFFER_OVFLW: the message is longer than the receiver's buffer. */
export class IsoTpOverflow extends IsoTpError {
  override readonly name = 'IsoTpOverflow'
}

/** N_UNEXP_PDU: a new message began before the last one had ended; the last one is dropped. */
export class IsoTpInterrupted extends IsoTpError {
  override readonly name = 'IsoTpInterrupted'
  constructor() {
    super('a new message began before the last one was complete; the last one is dropped')
  }
}

/** N_INVALID_FS: the receiver answered with a flow status that does not exist. */
export class IsoTpInvalidFlowStatus extends IsoTpError {
  override readonly name = 'IsoTpInvalidFlowStatus'
}

/** N_WFT_OVRN: the receiver asked to wait more often than is allowed (N_WFTmax); both ends give up by it. */
export class IsoTpWaitLimit extends IsoTpError {
  override readonly name = 'IsoTpWaitLimit'
}

/** The payload is empty or longer than this link sends. */
export class IsoTpUnsendableLength extends IsoTpError {
  override readonly name = 'IsoTpUnsendableLength'
  constructor(length: number, maxBytes: number) {
    super(`${length} bytes are not a payload of 1…${maxBytes} bytes`)
  }
}

/** An id or an address byte out of range. */
export class InvalidIsoTpAddress extends IsoTpError {
  override readonly name = 'InvalidIsoTpAddress'
}

/** An option out of its range; the message names it. */
export class InvalidIsoTpOption extends IsoTpError {
  override readonly name = 'InvalidIsoTpOption'
}

export class IsoTpClosed extends IsoTpError {
  override readonly name = 'IsoTpClosed'
  constructor() {
    super('this ISO-TP link is closed')
  }
}
