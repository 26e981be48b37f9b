/**
 * Whose a failure is. The class travels on the error, from the `throw` to exit code and report; nothing goes by the names of
 * errors. From the least severe to the most: where several hold, the later one wins.
 *
 * - `product`: a party under test did what it must not do, or did not do what it owes
 * - `usage`: what was asked for cannot be carried out: flags, profiles, files, values
 * - `rig`: the rig, the infrastructure or the suite failed; nothing is known about the product
 * - `safe-state`: the actuator could not be shown to be without power
 */
export const FAULT_CLASSES = ['product', 'usage', 'rig', 'safe-state'] as const
export type FaultClass = (typeof FAULT_CLASSES)[number]

/** A party under test failed. */
export class ProductFault extends Error {
  readonly faultClass: FaultClass = 'product'
  override readonly name: string = 'ProductFault'
}

/** What was asked for cannot be used as it is. */
export class UsageFault extends Error {
  readonly faultClass: FaultClass = 'usage'
  override readonly name: string = 'UsageFault'
}

/** The rig, the infrastructure or the suite failed. */
export class RigFault extends Error {
  readonly faultClass: FaultClass = 'rig'
  override readonly name: string = 'RigFault'
}

/** The actuator's safe state is not proven: treat the bench as energised. */
export class SafeStateFault extends Error {
  readonly faultClass: FaultClass = 'safe-state'
  override readonly name: string = 'SafeStateFault'
}

/** For step definitions that judge without an assertion library: `throw productFault('the barrier stayed closed')`. */
export function productFault(what: string, options?: ErrorOptions): ProductFault {
  return new ProductFault(what, options)
}

/** The most severe class of several. */
export function worstClass(classes: Iterable<FaultClass | undefined>): FaultClass | undefined {
  const present = new Set(classes)
  return FAULT_CLASSES.findLast((candidate) => present.has(candidate))
}

export function isFaultClass(value: unknown): value is FaultClass {
  return (FAULT_CLASSES as readonly unknown[]).includes(value)
}
