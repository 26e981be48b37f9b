/** What of one fleet's run tells whether the parties kept up. */
export interface FleetPoint {
  readonly locks: number
  /** In the second half of the run, when journeys have begun to end. */
  readonly offered: number
  readonly ended: number
  /** From the lock's event to the card at the phone, milliseconds. */
  readonly p99Ms: number | null
}

export interface Knee {
  /** The largest fleet, in order of size, that the parties still kept up with; none when not even the smallest. */
  readonly lastGood: number | undefined
  /** The first that they did not, and why; none when they kept up with all. */
  readonly firstBad: number | undefined
  readonly why: string | undefined
}

/**
 * In an open loop whatever is not done queues: fewer journeys end than come up. Of fewer than a few dozen that says
 * nothing, since their number is Poisson's: 50 ± 7.
 */
const KEPT_UP = { share: 0.8, fromOffered: 50 }
/** Below the knee p99 hardly hangs on the load; three times the plateau is more than runs differ by. */
const OFF_THE_PLATEAU = 3

/** The knee of a curve. @param points ascending by size */
export function kneeOf(points: readonly FleetPoint[]): Knee {
  let plateauMs = Infinity
  let lastGood: number | undefined
  for (const { locks, offered, ended, p99Ms } of points) {
    const why =
      offered >= KEPT_UP.fromOffered && ended < KEPT_UP.share * offered
        ? `${ended} of ${offered} journeys ended`
        : p99Ms === null
          ? 'nobody was told of anything'
          : p99Ms > OFF_THE_PLATEAU * plateauMs
            ? `p99 ${p99Ms} ms, ${(p99Ms / plateauMs).toFixed(1)} times the plateau`
            : undefined
    if (why !== undefined) return { lastGood, firstBad: locks, why }
    lastGood = locks
    plateauMs = Math.min(plateauMs, p99Ms ?? Infinity)
  }
  return { lastGood, firstBad: undefined, why: undefined }
}
