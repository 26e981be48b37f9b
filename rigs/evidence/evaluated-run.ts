import { readEvidence, type Evidence } from './evidence-folder.js'
import {
  coverRequirements,
  readRequirements,
  type Requirement,
  type RequirementCoverage,
} from './requirement-coverage.js'
import { judgeRun, type RunVerdict } from './verdict.js'

/** A run as its evidence shows it, with all that was concluded from it. */
export interface EvaluatedRun {
  readonly evidence: Evidence
  readonly verdict: RunVerdict
  readonly coverage: readonly RequirementCoverage[]
}

/** Reads and judges an evidence folder. @throws RequirementsUnreadable */
export function readEvaluatedRun(
  folder: string,
  requirements: readonly Requirement[] = readRequirements(),
): EvaluatedRun {
  const evidence = readEvidence(folder)
  const verdict = judgeRun(evidence)
  return { evidence, verdict, coverage: coverRequirements(requirements, verdict) }
}
