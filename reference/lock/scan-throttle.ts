import { createHash } from 'node:crypto'
import { MOST_GUESSES, SCAN_RULES, THROTTLE_WINDOW_MS } from '../domain/scan-rules.js'
import type { ScanVerdict } from '../domain/unlock-code.js'
import type { LockRecords } from './lock-records.js'

interface Guess {
  /** Epoch milliseconds of business time. */
  readonly at: number
  readonly digest: string
}

/** Never the code itself: what is foreign here may open the lock next to this one. */
const digestOf = (text: string) => createHash('sha256').update(text).digest('base64url').slice(0, 16)

/**
 * After five different guesses within a minute (scan-rules.ts) the lock judges no code until the first of them is a
 * minute old: a guesser gets five tries a minute at 69 bits. The same guess again is no further one: a guesser gains
 * nothing by it, and a screenshot of somebody's code that is stuck beside the lens must not close the lock. The count
 * lives in the lock's storage: to take its battery out gains nothing.
 */
export class ScanThrottle {
  constructor(private readonly records: LockRecords) {}

  /** @param now epoch milliseconds of business time */
  async isClosed(now: number): Promise<boolean> {
    return (await this.#recent(now)).length >= MOST_GUESSES
  }

  async count(verdict: ScanVerdict, text: string, now: number): Promise<void> {
    if (!SCAN_RULES[verdict].isGuess) return
    const recent = await this.#recent(now)
    const digest = digestOf(text)
    if (recent.some((guess) => guess.digest === digest)) return
    await this.records.set('guesses', JSON.stringify([...recent, { at: now, digest }].slice(-MOST_GUESSES)))
  }

  async #recent(now: number): Promise<Guess[]> {
    const guesses = JSON.parse((await this.records.setting('guesses')) ?? '[]') as Guess[]
    // A clock that was set back must not close the lock for longer than the window.
    return guesses.filter(({ at }) => at <= now && now - at < THROTTLE_WINDOW_MS)
  }
}
