import type { ScanVerdict } from './unlock-code.js'

/** What a code before the scanner turns out to be: a verdict of the lock, or no unlock code at all. */
export type Sighting = ScanVerdict | 'formless'

export interface ScanRule {
  /** How the operator reads it. */
  readonly reportedAs: ScanVerdict
  /** It counts towards the throttle. */
  readonly isGuess: boolean
  /** A closed throttle leaves it unjudged. */
  readonly canBeThrottled: boolean
  readonly opens: boolean
  readonly reason: string
}

/**
 * The form of an unlock code: 24 decimal digits, the first 1 (fixed) or 2 (rotating). The check digits are no part of
 * it: a code with wrong ones is a misread unlock code, or somebody trying digits, and counts as a guess.
 */
export function hasCodeForm(text: string): boolean {
  return /^[12][0-9]{23}$/.test(text)
}

/** What follows from each sighting, and why. */
export const SCAN_RULES: Readonly<Record<Sighting, ScanRule>> = {
  formless: {
    reportedAs: 'misread',
    isGuess: false,
    canBeThrottled: false,
    opens: false,
    reason:
      'a sticker, a poster or a web page can stand in view for ever: if it counted, it would close the lock to everyone',
  },
  fresh: {
    reportedAs: 'fresh',
    isGuess: false,
    canBeThrottled: true,
    opens: true,
    reason: 'the code of the present reservation, for the first time (REQ-16)',
  },
  used: {
    reportedAs: 'used',
    isGuess: false,
    canBeThrottled: true,
    opens: false,
    reason: 'this lock was given it: showing it again reveals nothing that a guesser could use',
  },
  expired: {
    reportedAs: 'expired',
    isGuess: false,
    canBeThrottled: true,
    opens: false,
    reason: 'this lock was given it: a driver who is late is no guesser',
  },
  foreign: {
    reportedAs: 'foreign',
    isGuess: true,
    canBeThrottled: true,
    opens: false,
    reason: 'an unlock code in form that this lock was never given: what each try of a guesser looks like',
  },
  misread: {
    reportedAs: 'misread',
    isGuess: true,
    canBeThrottled: true,
    opens: false,
    reason: 'the form with wrong check digits: digits that were made up fail here 96 times of 97',
  },
  throttled: {
    reportedAs: 'throttled',
    isGuess: false,
    canBeThrottled: true,
    opens: false,
    reason: 'unjudged: a right code after too many guesses would be a guess that succeeds',
  },
}

/** Different guesses within the window after which the lock judges no code. */
export const MOST_GUESSES = 5
/** How long a guess counts, milliseconds of business time. */
export const THROTTLE_WINDOW_MS = 60_000
