import { RigFault } from '../../../reference/ports/faults.js'

/** Thrown when no usable board answered: nothing was commanded. */
export class BoardSilent extends RigFault {
  override readonly name = 'BoardSilent'
  constructor(waitedMs: number) {
    super(
      `the board did not report itself as ready within ${waitedMs} ms; is it powered, and flashed with ` +
        "Lockstep's firmware (or StandardFirmata) at 57600 baud?",
    )
  }
}

/** Thrown when the byte stream to the board ended or failed while connecting. */
export class BoardLinkFailed extends RigFault {
  override readonly name = 'BoardLinkFailed'
  constructor(options?: ErrorOptions) {
    super('the link to the board ended before the board was ready; is the port right, and free?', options)
  }
}

/** Thrown when the board runs something else than the profile says. */
export class WrongFirmware extends RigFault {
  override readonly name = 'WrongFirmware'
  constructor(
    readonly found: string,
    readonly wanted: string,
  ) {
    super(
      `the board runs ${JSON.stringify(found)}, wanted ${JSON.stringify(wanted)}; flash it, or correct the profile`,
    )
  }
}
