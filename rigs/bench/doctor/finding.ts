/** `cannot tell`: not measured, with the reason in the note; it is never a pass. */
export type DoctorVerdict = 'pass' | 'marginal' | 'fail' | 'cannot tell'

/** What one look at the bench found: a figure against a limit. */
export interface Finding {
  /** E.g. `travel up`. */
  readonly step: string
  readonly verdict: DoctorVerdict
  /** What was measured, with its unit; absent when nothing was. */
  readonly figure?: string
  /** What it is held against. */
  readonly limit?: string
  readonly note?: string
}

export interface Limits {
  readonly unit: string
  /** Outside these the step fails. */
  readonly least?: number
  readonly most?: number
  /** Nearer to a limit than this share of it, the step is marginal. Default 0.2. */
  readonly margin?: number
  readonly digits?: number
}

/** Holds a measured value against limits; near a limit it is marginal: it passes today. */
export function judge(step: string, value: number, limits: Limits): Finding {
  const { unit, least, most, margin = 0.2, digits = 0 } = limits
  const range = [
    ...(least === undefined ? [] : [`≥ ${least.toFixed(digits)}`]),
    ...(most === undefined ? [] : [`≤ ${most.toFixed(digits)}`]),
  ]
  const outside =
    !Number.isFinite(value) || (least !== undefined && value < least) || (most !== undefined && value > most)
  const near =
    (least !== undefined && least > 0 && value < least * (1 + margin)) ||
    (most !== undefined && most > 0 && value > most * (1 - margin))
  return {
    step,
    verdict: outside ? 'fail' : near ? 'marginal' : 'pass',
    figure: `${Number.isFinite(value) ? value.toFixed(digits) : 'none'} ${unit}`,
    limit: `${range.join(', ')} ${unit}`,
  }
}

/** A yes or no that should be yes. */
export function judgeFact(step: string, isSo: boolean, limit: string, note?: string): Finding {
  return { step, verdict: isSo ? 'pass' : 'fail', figure: isSo ? 'yes' : 'no', limit, ...(note && { note }) }
}

export function cannotTell(step: string, note: string): Finding {
  return { step, verdict: 'cannot tell', note }
}
