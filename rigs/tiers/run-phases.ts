import type { Phase, Tier, TierResult } from './tier.js'

/** What a run of phases says while it goes on. */
export interface TierEvents {
  readonly started: (tier: Tier) => void
  readonly ended: (result: TierResult) => void
}

/**
 * Runs phase after phase, the lanes of each beside one another. What has begun is brought to its end, so that one
 * failure does not hide another; the next tier of a lane, and the next phase, begin only when all before them passed.
 * @returns the results of what ran, in the order of the plan
 */
export async function runPhases(
  phases: readonly Phase[],
  run: (tier: Tier) => Promise<TierResult>,
  events: TierEvents,
): Promise<TierResult[]> {
  const results: TierResult[] = []
  for (const lanes of phases) {
    const ofPhase = await Promise.all(
      lanes.map(async (lane) => {
        const ofLane: TierResult[] = []
        for (const tier of lane) {
          events.started(tier)
          const result = await run(tier)
          events.ended(result)
          ofLane.push(result)
          if (result.exitCode !== 0) break
        }
        return ofLane
      }),
    )
    results.push(...ofPhase.flat())
    if (results.some(({ exitCode }) => exitCode !== 0)) break
  }
  return results
}
