import type { Refusal } from './problem.js'

/** Thrown inside a route; becomes a Problem. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused'
  constructor(readonly refusal: Refusal) {
    super(refusal.message)
  }
}
