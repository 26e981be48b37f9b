import { ELECTRICAL_CASES } from './electrical-cases.js'
import type { FaultCase } from './fault-case.js'
import { MECHANICAL_CASES } from './mechanical-cases.js'

export const FAULT_CASES: readonly FaultCase[] = [...MECHANICAL_CASES, ...ELECTRICAL_CASES]
