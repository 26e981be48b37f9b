import type { SpaceList } from '../../reference/contracts/platform-api.js'
import type { FleetBay } from './load-model.js'

/** The platform does not know of the fleet's locks, though they are there. */
export class LocksNotSeen extends Error {
  override readonly name = 'LocksNotSeen'
}

/** How often the platform is asked, and how long each lock may take at most, wall milliseconds. */
const ASK_EVERY_MS = 500
const DEADLINE_MS = { atLeast: 60_000, eachLock: 30 }

/**
 * Resolves when the platform shows every lock as well and its bolt as up: a plan offers no other bay.
 * @throws LocksNotSeen
 */
export async function untilLocksAreSeen(
  platform: { spaces(after?: string): Promise<SpaceList> },
  bays: readonly FleetBay[],
): Promise<void> {
  const missing = new Set(bays.map(({ bayId }) => bayId))
  const deadline = performance.now() + Math.max(DEADLINE_MS.atLeast, DEADLINE_MS.eachLock * bays.length)
  let cursor: string | undefined
  for (;;) {
    const list = await platform.spaces(cursor)
    cursor = list.cursor
    for (const { bayId, lockHealth, bolt } of list.spaces) {
      if (lockHealth === 'ok' && bolt === 'up') missing.delete(bayId)
    }
    if (missing.size === 0) return
    if (performance.now() > deadline) {
      const [first] = missing
      throw new LocksNotSeen(
        `the platform does not show ${missing.size} of ${bays.length} locks as well, among them that of bay ` +
          `${first ?? '?'}; does it have these bays (--inventory), and does the broker let it read their status?`,
      )
    }
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS))
  }
}
