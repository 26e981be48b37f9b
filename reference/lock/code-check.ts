import { CodesInView } from '../domain/codes-in-view.js'
import { hasCodeForm, SCAN_RULES } from '../domain/scan-rules.js'
import { parseUnlockCode } from '../domain/unlock-code.js'
import type { Decode } from '../ports/decoder.js'
import type { BoltControl } from './bolt-control.js'
import { CodeBook, type Finding } from './code-book.js'
import type { LockCore } from './lock-core.js'
import type { LockRecords } from './lock-records.js'
import { ScanThrottle } from './scan-throttle.js'

/**
 * Scans that are told a minute of business time: whoever holds codes before the lens must not fill link and storage. A
 * lock that runs one scenario after the other on a bench has some eighty.
 */
export const SCANS_TOLD_A_MINUTE = 240
const MINUTE_MS = 60_000

/** Judges what the scanner reads, and opens the bolt for a fresh code: once (REQ-16, REQ-17). */
export class CodeCheck {
  readonly #inView: CodesInView
  /** When the last scans were told, epoch milliseconds of business time. */
  #told: number[] = []

  constructor(
    private readonly core: LockCore,
    private readonly bolt: BoltControl,
  ) {
    const { looksOutOfSight } = core.parts.config.thresholds
    this.#inView = new CodesInView(looksOutOfSight, (text) => !hasCodeForm(text))
  }

  /**
   * One look of the scanner, with everything that it read. A code that stays in view is one presentation and has one
   * verdict, however many frames show it and whatever is beside it; it counts again after it has left.
   */
  look(decodes: readonly Decode[]): void {
    const news = new Set(this.#inView.look(decodes.map(({ text }) => text)))
    for (const decode of decodes) if (news.delete(decode.text)) this.#judge(decode)
  }

  /** By the rules of scan-rules.ts. */
  async #find(records: LockRecords, text: string): Promise<Finding> {
    const { core } = this
    if (!hasCodeForm(text)) return { verdict: SCAN_RULES.formless.reportedAs }
    const throttle = new ScanThrottle(records)
    if (await throttle.isClosed(core.now)) return { verdict: 'throttled' }
    const found = await new CodeBook(records).judge(text, core.now, core.parts.config.lockId)
    await throttle.count(found.verdict, text, core.now)
    return found
  }

  #judge({ text, symbology, by }: Decode): void {
    const { core } = this
    core.turnSoon(
      async (records) => {
        const { verdict, reservationId } = await this.#find(records, text)
        const held = await records.reservation()
        const correlationId = held && held.id === reservationId ? held.correlationId : undefined
        const opens = SCAN_RULES[verdict].opens && held !== undefined
        if (this.#mayTell(core.now) || opens) {
          // Any text can be held before a lens; called a code, it would be taken for a secret wherever it is said.
          const seen = parseUnlockCode(text) ? { code: text } : { characters: text.length }
          core.parts.log.record('code-scanned', { verdict, symbology, by, ...seen }, correlationId)
          await core.post(
            records,
            {
              type: 'code-scanned',
              verdict,
              symbology,
              ...(reservationId !== undefined && { reservationId }),
            },
            correlationId,
          )
        }
        if (!opens) return false
        // Used before anything moves: a lock that dies now finishes the opening when it is back, and never opens twice.
        await new CodeBook(records).markUsed(held.id)
        await records.set('raise-owed', 'no')
        await records.hold({ ...held, state: 'opening' })
        return true
      },
      (opens) => {
        if (opens) void this.bolt.moveTo('down')
      },
    )
  }

  #mayTell(now: number): boolean {
    this.#told = this.#told.filter((at) => at <= now && now - at < MINUTE_MS)
    if (this.#told.length >= SCANS_TOLD_A_MINUTE) return false
    this.#told.push(now)
    if (this.#told.length === SCANS_TOLD_A_MINUTE) this.core.report('scans-left-out', 'too many in a minute')
    return true
  }
}
