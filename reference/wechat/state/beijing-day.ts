const BEIJING_AHEAD_MS = 8 * 3_600_000

/** The day in Beijing, `YYYY-MM-DD`: the platform's quotas are counted by it. */
export function beijingDay(epochMs: number): string {
  return new Date(epochMs + BEIJING_AHEAD_MS).toISOString().slice(0, 10)
}
