import { SafeStateUnconfirmed } from '../bench/rig-errors.js'
import { EXIT } from './exit-code.js'

/** Thrown for words on the command line that cannot be used. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Errors about what was asked for, of modules that this one need not load. */
const USAGE_ERROR_NAMES: ReadonlySet<string> = new Set([
  'UsageError',
  'UnknownProfile',
  'InvalidSettings',
  'InvalidCameraUrl',
  'InvalidCanUrl',
  'InvalidCanFilter',
  'InvalidReplay',
  'MalformedCanFrame',
  'CanFrameNotCarried',
  'CanLogSyntaxError',
  'NotCarriedByLog',
  'DbcSyntaxError',
  'UnknownDbcMessage',
  'SignalNotEncodable',
  'WeChatFlagInvalid',
  'InventoryFileUnreadable',
  'WeChatSettingsInvalid',
])

/** Tells the user what stopped a command. @returns its exit code */
export function failureExit(error: unknown): number {
  console.error(
    isNamed(error)
      ? `lockstep: ${error.name}: ${error.message}${because(error.cause, error.message)}`
      : error,
  )
  if (error instanceof Error && USAGE_ERROR_NAMES.has(error.name)) return EXIT.usage
  // Whatever else it is, it is no verdict on the product.
  return error instanceof SafeStateUnconfirmed ? EXIT['safe-state'] : EXIT.rig
}

/** Errors of ours say what is wrong and how to mend it; of others, which were not foreseen, the stack is wanted. */
function isNamed(error: unknown): error is Error {
  return (
    error instanceof Error &&
    (USAGE_ERROR_NAMES.has(error.name) ||
      !/^(Error|\w*(Type|Range|Reference|Syntax|Assertion)Error)$/.test(error.name))
  )
}

/** The first cause is the one that helps, unless it is told already. */
export function because(cause: unknown, told: string): string {
  if (!(cause instanceof Error)) return ''
  if (cause.cause instanceof Error) return because(cause.cause, told)
  return told.includes(cause.message) ? '' : `\n  because: ${cause.message}`
}
