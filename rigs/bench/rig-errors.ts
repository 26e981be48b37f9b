/**
 * Faults of the rig, as opposed to failures of the product under test. The verdict goes by the error's name, so every
 * class here is one of the rig's (DESIGN: exit 3), except SafeStateUnconfirmed (exit 4).
 */
export class RigFault extends Error {
  override readonly name: string = 'RigFault'
}

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
export class SafeStateUnconfirmed extends Error {
  override readonly name = 'SafeStateUnconfirmed'
}
