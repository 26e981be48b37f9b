import { hash, timingSafeEqual } from 'node:crypto'

/** One secret, or two while one is replaced by the other, the new one first: both are good. */
export type RotatingSecret = string | readonly string[]

const digest = (text: string) => hash('sha256', text, 'buffer')

/** Whether two secrets are the same; takes as long for a wrong guess that starts right as for any other. */
export function sameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected))
}

/** All that are good now, the new one first. */
export function secretsOf(secret: RotatingSecret): readonly string[] {
  return typeof secret === 'string' ? [secret] : secret
}

/** The first for which it holds. All are tried, so that time does not tell which one was nearly right. */
export function firstSecret(secret: RotatingSecret, holds: (one: string) => boolean): string | undefined {
  return secretsOf(secret).filter(holds)[0]
}
