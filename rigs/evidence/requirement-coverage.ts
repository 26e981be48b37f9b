import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { packageRoot } from '../../reference/package-root.js'
import { lowestFidelity, type Fidelity } from './fidelity.js'
import type { RunVerdict, ScenarioVerdict } from './verdict.js'
import { RigFault } from '../../reference/ports/faults.js'

export interface Requirement {
  /** `REQ-07`. */
  readonly id: string
  readonly text: string
  /** Claim or paragraph of the patent. */
  readonly source: string
}

export interface RequirementCoverage {
  readonly requirement: Requirement
  /** Executed scenarios that carry its tag. */
  readonly scenarios: readonly ScenarioVerdict[]
  readonly status: 'passed' | 'failed' | 'uncovered'
  /** The lowest of the scenarios that passed; present when `passed`. */
  readonly fidelity?: Fidelity
}

/** The file of requirements is part of the product; one that cannot be read is a mistake of the checkout. */
export class RequirementsUnreadable extends RigFault {
  override readonly name = 'RequirementsUnreadable'
}

/**
 * @param file YAML: a list of `{ id, text, source }`
 * @throws RequirementsUnreadable
 */
export function readRequirements(
  file: string = join(packageRoot, 'features', 'requirements.yaml'),
): readonly Requirement[] {
  let list: unknown
  try {
    list = parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new RequirementsUnreadable('features/requirements.yaml cannot be read as YAML', { cause })
  }
  if (!Array.isArray(list) || !list.every(isRequirement)) {
    throw new RequirementsUnreadable(
      'features/requirements.yaml is not a list of { id: REQ-nn, text, source }',
    )
  }
  return list
}

/** Which executed scenarios speak for each requirement; one that none speaks for is uncovered. */
export function coverRequirements(
  requirements: readonly Requirement[],
  verdict: RunVerdict,
): readonly RequirementCoverage[] {
  return requirements.map((requirement) => {
    const scenarios = verdict.scenarios.filter(
      ({ scenario, outcome }) =>
        scenario.tags.includes(`@${requirement.id}`) && outcome !== 'skipped' && outcome !== 'not-started',
    )
    const passed = scenarios.filter(({ outcome }) => outcome === 'passed')
    if (scenarios.length === 0) return { requirement, scenarios, status: 'uncovered' }
    if (passed.length < scenarios.length) return { requirement, scenarios, status: 'failed' }
    return {
      requirement,
      scenarios,
      status: 'passed',
      fidelity: lowestFidelity(passed.map(({ fidelity }) => fidelity)),
    }
  })
}

function isRequirement(value: unknown): value is Requirement {
  const { id, text, source } = (value ?? {}) as Record<string, unknown>
  return /^REQ-\d{2}$/.test(String(id)) && typeof text === 'string' && typeof source === 'string'
}
