/**
 * The least of the values that `share` of all of them do not exceed (nearest rank).
 * @param sorted ascending
 * @param share above 0, up to 1
 * @returns null where there are no values
 */
export function percentile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null
}

/** @returns NaN where there are no values */
export function median(values: readonly number[]): number {
  return (
    percentile(
      [...values].sort((a, b) => a - b),
      0.5,
    ) ?? Number.NaN
  )
}
