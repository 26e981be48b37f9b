import { isFaultClass, worstClass, type FaultClass } from './faults.js'

/** Deep enough for every chain of causes that helps a reader. */
export const MOST_CAUSES = 16

/**
 * The class of anything that was thrown; undefined when nothing tells it, which a judge takes as `rig`: an error that was
 * not foreseen shows nothing about the product.
 *
 * In this order: the class that the error carries; an assertion is the product's, unless what it was made on is an error
 * of another class; an AggregateError has the worst class of its errors, unforeseen ones included; else that of its cause. An
 * unproven safe state anywhere among the causes goes before all of them.
 */
export function faultClassOf(thrown: unknown): FaultClass | undefined {
  try {
    return classOf(thrown, MOST_CAUSES)
  } catch {
    return undefined // a getter or a proxy that throws
  }
}

function classOf(thrown: unknown, depth: number): FaultClass | undefined {
  if (typeof thrown !== 'object' || thrown === null || depth === 0) return undefined
  const { faultClass, cause, errors, actual } = thrown as Record<string, unknown>
  const ofCause = classOf(cause, depth - 1)
  if (ofCause === 'safe-state') return ofCause
  if (isFaultClass(faultClass)) return faultClass
  if (isAssertion(thrown)) {
    return worstClass(['product', ofCause, actual instanceof Error ? classOf(actual, depth - 1) : undefined])
  }
  if (Array.isArray(errors) && errors.length > 0) {
    return worstClass(errors.map((error) => classOf(error, depth - 1) ?? 'rig'))
  }
  return ofCause
}

/**
 * By its shape, for assertions come from many libraries and realms: `actual` and `expected` (node:assert, chai, should),
 * `matcherResult` (Jest, Playwright). chai's have neither when the value was of the wrong kind altogether, only the name
 * that CommonJS Unit Testing 1.0 gives to assertions.
 */
function isAssertion(thrown: object): boolean {
  return (
    ('actual' in thrown && 'expected' in thrown) ||
    'matcherResult' in thrown ||
    ('name' in thrown && thrown.name === 'AssertionError')
  )
}
