import type { PhoneProblem } from '../../contracts/phone-api.js'

/** Thrown for what a phone, or whoever switches faults, may not have. */
export class PhoneRefusal extends Error {
  override readonly name = 'PhoneRefusal'
  constructor(
    readonly status: number,
    readonly error: PhoneProblem,
    message: string,
  ) {
    super(message)
  }
}
