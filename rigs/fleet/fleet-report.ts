import type { Latency } from './fleet-tally.js'
import type { FleetFigures } from './fleet-messages.js'
import type { FleetRequest, FleetSize } from './fleet-size.js'
import type { PartyRow } from './party-meter.js'

/** What the bench's own lock did meanwhile. */
export interface BenchUnderLoad {
  /** Which scenarios were run, as a tag expression. */
  readonly selection: string
  readonly rounds: number
  readonly scenarios: readonly {
    readonly scenario: string
    readonly passed: number
    readonly failed: number
    readonly error?: string
  }[]
  /** From the code before the camera to the bolt on its way. */
  readonly unlock: {
    readonly unloaded: UnlockLatency
    readonly loaded: UnlockLatency
  }
}

export interface UnlockLatency {
  readonly wall: Latency
  /** By the board's own clock. */
  readonly hardware: Latency
}

export interface FleetReport {
  readonly played: FleetSize & Omit<FleetRequest, keyof FleetSize>
  /** Against what: a rig, or the URLs of parties that were there. */
  readonly against: string
  readonly machine: { readonly processor: string; readonly cores: number; readonly node: string }
  readonly bays: string
  readonly figures: FleetFigures
  /** While it was played; undefined where the system does not tell, or the parties are not ours to see. */
  readonly parties?: readonly PartyRow[]
  readonly bench?: BenchUnderLoad
  readonly contracts?: readonly {
    readonly wire: string
    readonly checked: number
    readonly violations: number
    readonly first?: string
  }[]
  /** Why it did not pass; empty when it did. */
  readonly failures: readonly string[]
}

/** Everything that must not be. */
export function failuresOf(report: Omit<FleetReport, 'failures'>): string[] {
  const { figures, bench, contracts = [] } = report
  const { journeys, breaches, linkFaults } = figures
  return [
    ...(breaches.count > 0
      ? [
          `${breaches.count} breaches: ${[...new Set(breaches.first.map(({ what, bayId }) => `${what} at ${bayId}`))].slice(0, 5).join(', ')}`,
        ]
      : []),
    ...Object.entries(journeys.stuck).map(
      ([where, count]) => `${count} journeys neither completed nor were refused: ${where}`,
    ),
    ...(linkFaults.count > 0
      ? [`${linkFaults.count} faults of the fleet's links: ${linkFaults.first[0] ?? ''}`]
      : []),
    ...(bench?.scenarios ?? [])
      .filter(({ failed }) => failed > 0)
      .map(({ scenario, failed, error }) => `${failed} × ${scenario}: ${error ?? 'failed'}`),
    ...contracts
      .filter(({ violations }) => violations > 0)
      .map(
        ({ wire, violations, first }) => `${violations} breaches of the contract of ${wire}: ${first ?? ''}`,
      ),
  ]
}
