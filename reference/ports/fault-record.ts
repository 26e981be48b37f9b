import { faultClassOf, MOST_CAUSES } from './fault-class.js'
import { isFaultClass, type FaultClass } from './faults.js'

/** An error as it goes over a process boundary, where its prototype and its own fields are lost. */
export interface FaultRecord {
  readonly name: string
  readonly message: string
  /** Absent where nothing tells it. */
  readonly faultClass?: FaultClass
  readonly stack?: string
}

/** Of anything that was thrown, whatever it is. */
export function recordFault(thrown: unknown): FaultRecord {
  const faultClass = faultClassOf(thrown)
  const { name, message } = named(thrown)
  const stack = stackOf(thrown)
  return { name, message, ...(faultClass && { faultClass }), ...(stack !== '' && { stack }) }
}

function named(thrown: unknown): { readonly name: string; readonly message: string } {
  if (thrown instanceof Error) return { name: text(thrown.name), message: text(thrown.message) }
  const { message } = Object(thrown) as { readonly message?: unknown }
  return { name: 'ThrownValue', message: text(message ?? thrown) }
}

function text(value: unknown): string {
  try {
    return String(value)
  } catch {
    return 'a value that has no text'
  }
}

/** With those of the causes, and of the errors that an AggregateError holds; of nothing else that errors carry. */
function stackOf(thrown: unknown, depth = MOST_CAUSES): string {
  if (!(thrown instanceof Error) || depth === 0) return ''
  const held = 'errors' in thrown && Array.isArray(thrown.errors) ? (thrown.errors as unknown[]) : []
  const below = [thrown.cause, ...held].flatMap((cause) => stackOf(cause, depth - 1) || [])
  return [text(thrown.stack), ...below].join('\n  caused by: ')
}

/** The error on this side of the boundary: of the same name, class and stack. */
export function errorOfRecord({ name, message, faultClass, stack }: FaultRecord): Error {
  const error = new Error(message)
  return Object.assign(error, {
    name,
    ...(isFaultClass(faultClass) && { faultClass }),
    ...(stack !== undefined && { stack }),
  })
}
