import { distanceMetres } from '../domain/coordinates.js'
import type { Gps, GpsFix } from '../ports/gps.js'
import type { LockCore } from './lock-core.js'
import type { LockRecords } from './lock-records.js'

/** Sends a fix to the platform (REQ-11). */
export async function tellFix(core: LockCore, { point, hdop }: GpsFix, records: LockRecords): Promise<void> {
  const location = { latitude: point.latitude, longitude: point.longitude }
  await core.post(records, { type: 'gps-fix', location, hdop })
}

/**
 * Tells the platform where the lock is: the first fix, then one an interval, and at once when the lock has
 * moved. Without a connection a fix is let go: a later one is worth more.
 * @returns stop
 */
export function reportFixes(core: LockCore, gps: Gps, isConnected: () => boolean): () => void {
  const { fixIntervalSeconds, fixMovedMetres } = core.parts.config.thresholds
  let told: { readonly fix: GpsFix; readonly at: number } | undefined
  function consider(fix: GpsFix): void {
    const now = core.now
    const isDue =
      !told ||
      Math.abs(now - told.at) >= fixIntervalSeconds * 1_000 ||
      distanceMetres(told.fix.point, fix.point) >= fixMovedMetres
    if (!isDue || !isConnected()) return
    told = { fix, at: now }
    core.turnSoon((records) => tellFix(core, fix, records))
  }
  const stop = gps.onFix(consider)
  if (gps.fix) consider(gps.fix)
  return stop
}
