/** What can go wrong in a segmented transfer (ISO 15765-2, 8.3.8: N_Result). */
export class IsoTpError extends Error {
  override readonly name: string = 'IsoTpError'
}

/** The peer did not answer in time. */
export class IsoTpTimeout extends IsoTpError {
  override readonly name = 'IsoTpTimeout'
  constructor(
    readonly timer: 'N_Bs' | 'N_Cr',
    readonly timeoutMs: number,
  ) {
    super(
      timer === 'N_Bs'
        ? `the receiver sent no flow control within ${timeoutMs} ms (N_Bs); is it on the bus?`
        : `the sender's next consecutive frame did not come within ${timeoutMs} ms (N_Cr); was one lost?`,
    )
  }
}

/** A consecutive frame was lost, repeated or overtaken; the message is dropped. */
export class IsoTpWrongSequence extends IsoTpError {
  override readonly name = 'IsoTpWrongSequence'
  constructor(
    readonly expected: number,
    readonly received: number,
  ) {
    super(`consecutive frame ${received} came where ${expected} was due; the message is dropped`)
  }
}

/** The message is longer than the receiver's buffer. */
export class IsoTpOverflow extends IsoTpError {
  override readonly name = 'IsoTpOverflow'
}

/** A new message began before the last one had ended; the last one is dropped. */
export class IsoTpInterrupted extends IsoTpError {
  override readonly name = 'IsoTpInterrupted'
  constructor() {
    super('a new message began before the last one was complete; the last one is dropped')
  }
}

/** The receiver answered with a flow status that does not exist. */
export class IsoTpInvalidFlowStatus extends IsoTpError {
  override readonly name = 'IsoTpInvalidFlowStatus'
}

/** The receiver asked to wait more often than is allowed (N_WFTmax). */
export class IsoTpWaitLimit extends IsoTpError {
  override readonly name = 'IsoTpWaitLimit'
}

/** The payload is empty or longer than a first frame can announce. */
export class IsoTpUnsendableLength extends IsoTpError {
  override readonly name = 'IsoTpUnsendableLength'
  constructor(length: number) {
    super(`${length} bytes are not a payload of 1…4095 bytes`)
  }
}

export class IsoTpClosed extends IsoTpError {
  override readonly name = 'IsoTpClosed'
  constructor() {
    super('this ISO-TP link is closed')
  }
}
