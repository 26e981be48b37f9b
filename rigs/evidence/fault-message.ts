import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { isFaultClass } from '../../reference/ports/faults.js'
import type { FaultRecord } from '../../reference/ports/fault-record.js'
import { isRecord } from './tolerant-json.js'

/**
 * Cucumber's messages have an error's type and text only. What else the judge needs, the class first, is attached to the
 * step or hook that failed, as one `FaultRecord` in JSON.
 */
export const FAULT_MEDIA_TYPE = 'application/x.lockstep.fault+json'

/** Cucumber attaches nothing to hooks of the whole run: their faults are lines of this file in the evidence folder. */
export const RUN_FAULTS_FILE = 'run-faults.ndjson'

export function appendRunFault(evidenceFolder: string, fault: FaultRecord): void {
  mkdirSync(evidenceFolder, { recursive: true })
  appendFileSync(join(evidenceFolder, RUN_FAULTS_FILE), `${JSON.stringify(fault)}\n`)
}

/** @returns undefined for what is no fault record */
export function asFaultRecord(value: unknown): FaultRecord | undefined {
  if (!isRecord(value) || typeof value['name'] !== 'string' || typeof value['message'] !== 'string') {
    return undefined
  }
  const { name, message, faultClass, stack } = value
  return {
    name,
    message,
    ...(isFaultClass(faultClass) && { faultClass }),
    ...(typeof stack === 'string' && { stack }),
  }
}
