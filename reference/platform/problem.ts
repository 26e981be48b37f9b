import type { Problem, ProblemCode } from '../contracts/platform-api.js'

/** A request that is refused, with the HTTP status that the contract gives it. */
export interface Refusal {
  readonly refused: ProblemCode
  readonly message: string
}

const STATUS: Readonly<Record<ProblemCode, number>> = {
  'bay-taken': 409,
  'bay-unknown': 404,
  'bay-out-of-service': 409,
  'reservation-unknown': 404,
  'reservation-not-cancellable': 409,
  'lock-unknown': 404,
  'lock-silent': 504,
  'lock-assigned': 409,
  'idempotency-key-reused': 422,
  'request-invalid': 400,
  unauthorised: 401,
  'not-found': 404,
  'internal-fault': 500,
}

export function refuse(refused: ProblemCode, message: string): Refusal {
  return { refused, message }
}

export function statusOf({ refused }: Refusal): number {
  return STATUS[refused]
}

export function asProblem({ refused, message }: Refusal): Problem {
  return { error: refused, message }
}
