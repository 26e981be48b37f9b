/** A number of a log as microseconds, exactly. */
export interface LogTime {
  readonly us: number
  /** The text was finer than 1 µs. */
  readonly rounded: boolean
}

/**
 * @param text decimal digits with or without a fraction, e.g. `1059.900`
 * @param unitUs what 1 stands for, microseconds: 1,000,000 for seconds, 1,000 for milliseconds
 * @returns undefined for what is no number, or none that is exact in microseconds
 */
export function parseLogTime(text: string, unitUs: number): LogTime | undefined {
  const [, sign, whole, fraction = ''] = /^(-?)(\d{1,16})(?:[.,](\d{1,18}))?$/.exec(text) ?? []
  if (whole === undefined) return undefined
  const scale = 10n ** BigInt(fraction.length)
  const scaled = BigInt(whole + fraction) * BigInt(unitUs)
  const us = Number((scaled + scale / 2n) / scale)
  if (!Number.isSafeInteger(us)) return undefined
  return { us: sign ? 0 - us : us, rounded: scaled % scale !== 0n }
}

/** @param fraction of candump: six digits, seven with a carry of 1 s, or nine (nanoseconds, which are rounded) */
export const microsecondsOf = (fraction: string): number =>
  fraction.length === 9 ? Math.round(Number(fraction) / 1_000) : Number(fraction)

/** @returns e.g. 1059.900 for 1,059,900 µs in milliseconds */
export function formatLogTime(us: number, unitUs: 1_000_000 | 1_000): string {
  const digits = unitUs === 1_000 ? 3 : 6
  return `${Math.floor(us / unitUs)}.${String(us % unitUs).padStart(digits, '0')}`
}

/** What a reader passes over, and how often, by kind. */
export class Skipped extends Map<string, number> {
  count(kind: string): undefined {
    this.set(kind, (this.get(kind) ?? 0) + 1)
    return undefined
  }
}
