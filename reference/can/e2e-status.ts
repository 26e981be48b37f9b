/**
 * What a profile's check says of one cycle, whatever the profile (E2E_PCheckStatusType, SWS_E2E_00347): what the E2E
 * state machine is fed with.
 */
export type E2eCheckStatus = 'ok' | 'repeated' | 'wrong-sequence' | 'error' | 'no-new-data'

/** Thrown for a configuration that the profile does not allow. */
export class E2eMisconfigured extends Error {
  override readonly name = 'E2eMisconfigured'
}

/** Thrown when data are to be protected that have another length than the configuration says. */
export class E2eWrongLength extends Error {
  override readonly name = 'E2eWrongLength'
  constructor(expected: number, length: number) {
    super(`the E2E configuration is for ${expected} bytes, these are ${length}`)
  }
}
