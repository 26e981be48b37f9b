import { UnknownProfile } from '../bench/profile.js'
import { RigFault, SafeStateUnconfirmed } from '../bench/rig-errors.js'
import { InvalidSettings } from '../bench/settings-reader.js'
import { EXIT } from './exit-code.js'

/** Thrown for words on the command line that cannot be used. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Tells the user what stopped a command. @returns its exit code */
export function failureExit(error: unknown): number {
  if (error instanceof UnknownProfile || error instanceof InvalidSettings || error instanceof UsageError) {
    console.error(`lockstep: ${error.name}: ${error.message}`)
    return EXIT.usage
  }
  if (error instanceof SafeStateUnconfirmed) {
    console.error(`lockstep: ${error.name}: ${error.message}`)
    return EXIT['safe-state']
  }
  if (error instanceof RigFault) {
    console.error(`lockstep: ${error.name}: ${error.message}`)
    return EXIT.rig
  }
  // Not foreseen: whatever it is, it is no verdict on the product.
  console.error(error)
  return EXIT.rig
}
