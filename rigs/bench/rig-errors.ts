import { RigFault, SafeStateFault } from '../../reference/ports/faults.js'

export { RigFault } from '../../reference/ports/faults.js'

/** The machine lacks something that the profile asks for; says what and how to get it. */
export class RigUnavailable extends RigFault {
  override readonly name = 'RigUnavailable'
  constructor(what: string, mend: string) {
    super(`${what}\n  To mend it: ${mend}`)
  }
}

/** Something of the rig did not happen before its deadline. */
export class RigTimeout extends RigFault {
  override readonly name = 'RigTimeout'
  constructor(what: string, waitedMs: number) {
    super(`${what} did not happen within ${waitedMs} ms`)
  }
}

/** The actuator could not be shown to be without power: treat the bench as energised. */
export class SafeStateUnconfirmed extends SafeStateFault {
  override readonly name = 'SafeStateUnconfirmed'
}
