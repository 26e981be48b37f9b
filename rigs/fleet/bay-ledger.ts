import { createHash } from 'node:crypto'

/** Something that must never be: the product failed. */
export interface Breach {
  readonly what:
    'two-journeys-hold-one-bay' | 'code-opened-twice' | 'wrong-code-opened' | 'two-journeys-have-one-code'
  readonly bayId: string
}

/** Breaches that are kept one by one; all are counted. */
const MOST_KEPT = 100

/** Who holds which bay, and what each code has opened: judged by the users, whatever locks and platform say. */
export class BayLedger {
  readonly #holders = new Map<string, number>()
  readonly #codes = new Map<string, { readonly journey: number; openings: number }>()
  readonly #breaches: Breach[] = []
  #count = 0

  get breaches(): readonly Breach[] {
    return this.#breaches
  }

  get breachCount(): number {
    return this.#count
  }

  /** A journey has a code for a bay. */
  claim(journey: number, bayId: string, code: string): void {
    const holder = this.#holders.get(bayId)
    if (holder !== undefined && holder !== journey) this.breach('two-journeys-hold-one-bay', bayId)
    this.#holders.set(bayId, journey)
    const known = this.#codes.get(fingerprint(code))
    if (known && known.journey !== journey) this.breach('two-journeys-have-one-code', bayId)
    this.#codes.set(fingerprint(code), known ?? { journey, openings: 0 })
  }

  /** Its user gives the bay up, or has driven off, or was told that it is theirs no more. */
  release(journey: number, bayId: string): void {
    if (this.#holders.get(bayId) === journey) this.#holders.delete(bayId)
  }

  isHeld(bayId: string): boolean {
    return this.#holders.has(bayId)
  }

  /** The bolt goes down for a code. */
  opened(bayId: string, code: string): void {
    const known = this.#codes.get(fingerprint(code))
    if (!known) return this.breach('wrong-code-opened', bayId)
    known.openings++
    if (known.openings > 1) this.breach('code-opened-twice', bayId)
  }

  breach(what: Breach['what'], bayId: string): void {
    this.#count++
    if (this.#breaches.length < MOST_KEPT) this.#breaches.push({ what, bayId })
  }
}

/** Codes are secrets: a dump of this process shall not hold those of a whole run. */
const fingerprint = (code: string) => createHash('sha256').update(code).digest('base64')
