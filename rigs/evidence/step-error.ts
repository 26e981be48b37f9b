import { worstClass, type FaultClass } from '../../reference/ports/faults.js'
import type { FaultRecord } from '../../reference/ports/fault-record.js'
import { isRecord, type JsonRecord } from './tolerant-json.js'

export interface StepError {
  /** The error's name, as far as the message tells. */
  readonly type: string
  readonly message: string
  readonly stackTrace?: string
  /** Whose it is, where the error told it. */
  readonly faultClass?: FaultClass
}

export const UNNAMED: StepError = { type: 'Error', message: 'failed without a message' }

/** Of a result of Cucumber's; undefined without an error. */
export function stepError(result: JsonRecord): StepError | undefined {
  const exception = record(result['exception'])
  const message = text(exception['message']) || text(result['message'])
  // Cucumber gives the constructor's name; an error that came over a process boundary has its own name in the text only.
  const constructorName = text(exception['type'])
  const type =
    constructorName === '' || constructorName === 'Error' ? (headName(result) ?? 'Error') : constructorName
  if (message === '' && !isRecord(result['exception']))
    return result['status'] === 'FAILED' ? UNNAMED : undefined
  const stackTrace = text(exception['stackTrace']) || text(result['message'])
  return { type, message, ...(stackTrace === '' ? {} : { stackTrace }) }
}

function headName(result: JsonRecord): string | undefined {
  return /^([A-Z]\w+)(?: \[\w+\])?:/.exec(text(result['message']))?.[1]
}

/** The worst of the classes, and the stack with the causes in it. */
export function withFaults(error: StepError, faults: readonly FaultRecord[]): StepError {
  const faultClass = worstClass(faults.map((fault) => fault.faultClass ?? 'rig'))
  const stacks = faults.flatMap(({ stack }) => stack ?? [])
  return {
    ...error,
    ...(faultClass && { faultClass }),
    ...(stacks.length > 0 && { stackTrace: stacks.join('\n') }),
  }
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const record = (value: unknown): JsonRecord => (isRecord(value) ? value : {})
