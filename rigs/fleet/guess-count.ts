import {
  hasCodeForm,
  MOST_GUESSES,
  SCAN_RULES,
  THROTTLE_WINDOW_MS,
} from '../../reference/domain/scan-rules.js'
import type { ScanVerdict } from '../../reference/domain/unlock-code.js'

/** After five different guesses within a minute a lock judges no code, as `reference/lock/scan-throttle.ts`. */
export class GuessCount {
  #guesses: { readonly at: number; readonly text: string }[] = []

  /** @param now epoch milliseconds */
  shutsOut(text: string, now: number): boolean {
    this.#guesses = this.#guesses.filter(({ at }) => now - at < THROTTLE_WINDOW_MS)
    return hasCodeForm(text) && this.#guesses.length >= MOST_GUESSES
  }

  count(verdict: ScanVerdict, text: string, now: number): void {
    const isNew = !this.#guesses.some((guess) => guess.text === text)
    if (isNew && hasCodeForm(text) && SCAN_RULES[verdict].isGuess) this.#guesses.push({ at: now, text })
  }
}
