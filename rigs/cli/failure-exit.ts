import { faultClassOf } from '../../reference/ports/fault-class.js'
import { UsageFault } from '../../reference/ports/faults.js'
import { EXIT_CODES } from '../evidence/verdict.js'

/** Thrown for words on the command line that cannot be used. */
export class UsageError extends UsageFault {
  override readonly name = 'UsageError'
}

/** Tells the user what stopped a command. @returns its exit code, by the error's class; an unforeseen one is the rig's */
export function failureExit(error: unknown): number {
  console.error(
    isForeseen(error)
      ? `lockstep: ${error.name}: ${error.message}${because(error.cause, error.message)}`
      : error,
  )
  return EXIT_CODES[faultClassOf(error) ?? 'rig']
}

/** Errors of ours say what is wrong and how to mend it; of others, which were not foreseen, the stack is wanted. */
function isForeseen(error: unknown): error is Error {
  if (!(error instanceof Error)) return false
  return 'faultClass' in error || Reflect.get(globalThis, error.name) !== error.constructor
}

/** The first cause is the one that helps, unless it is told already. */
export function because(cause: unknown, told: string): string {
  if (!(cause instanceof Error)) return ''
  if (cause.cause instanceof Error) return because(cause.cause, told)
  return told.includes(cause.message) ? '' : `\n  because: ${cause.message}`
}
