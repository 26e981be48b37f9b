import { UnknownProfile } from '../bench/profile.js'
import { SafeStateUnconfirmed } from '../bench/rig-errors.js'
import { InvalidSettings } from '../bench/settings-reader.js'
import { EXIT } from './exit-code.js'

/** Thrown for words on the command line that cannot be used. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Tells the user what stopped a command. @returns its exit code */
export function failureExit(error: unknown): number {
  console.error(isNamed(error) ? `lockstep: ${error.name}: ${error.message}${because(error.cause)}` : error)
  if (error instanceof UnknownProfile || error instanceof InvalidSettings || error instanceof UsageError) {
    return EXIT.usage
  }
  // Whatever else it is, it is no verdict on the product.
  return error instanceof SafeStateUnconfirmed ? EXIT['safe-state'] : EXIT.rig
}

/** Errors of ours say what is wrong and how to mend it; of others, which were not foreseen, the stack is wanted. */
function isNamed(error: unknown): error is Error {
  return (
    error instanceof Error && !/^(Error|\w*(Type|Range|Reference|Syntax|Assertion)Error)$/.test(error.name)
  )
}

/** The first cause is the one that helps. */
function because(cause: unknown): string {
  if (!(cause instanceof Error)) return ''
  return cause.cause instanceof Error ? because(cause.cause) : `\n  because: ${cause.message}`
}
