import type { Decode } from '../ports/decoder.js'
import type { BoltControl } from './bolt-control.js'
import { CodeBook, type Finding } from './code-book.js'
import type { LockCore } from './lock-core.js'
import { ScanThrottle } from './scan-throttle.js'

/** Judges what the scanner reads, and opens the bolt for a fresh code: once (REQ-16, REQ-17). */
export class CodeCheck {
  #inSight: string | undefined
  #looksWithout = 0

  constructor(
    private readonly core: LockCore,
    private readonly bolt: BoltControl,
  ) {}

  /**
   * One look of the scanner. A code that stays in sight is one presentation and has one verdict, however many frames
   * show it; it counts again after it has been out of sight.
   */
  look(decode: Decode | undefined): void {
    if (!decode) {
      this.#looksWithout++
      if (this.#looksWithout >= this.core.parts.config.thresholds.looksOutOfSight) this.#inSight = undefined
      return
    }
    this.#looksWithout = 0
    if (decode.text === this.#inSight) return
    this.#inSight = decode.text
    this.#judge(decode)
  }

  #judge({ text, symbology, by }: Decode): void {
    const { core } = this
    core.turnSoon(
      async (records) => {
        const book = new CodeBook(records)
        const throttle = new ScanThrottle(records)
        const { verdict, reservationId }: Finding = (await throttle.isClosed(core.now))
          ? { verdict: 'throttled' }
          : await book.judge(text, core.now, core.parts.config.lockId)
        await throttle.count(verdict, core.now)
        const held = await records.reservation()
        const correlationId = held && held.id === reservationId ? held.correlationId : undefined
        core.parts.log.record('code-scanned', { verdict, symbology, by, code: text }, correlationId)
        await core.post(
          records,
          { type: 'code-scanned', verdict, symbology, ...(reservationId !== undefined && { reservationId }) },
          correlationId,
        )
        if (verdict !== 'fresh' || !held) return false
        // Used before anything moves: a lock that dies now finishes the opening when it is back, and never opens twice.
        await book.markUsed(held.id)
        await records.set('raise-owed', 'no')
        await records.hold({ ...held, state: 'opening' })
        return true
      },
      (opens) => {
        if (opens) void this.bolt.moveTo('down')
      },
    )
  }
}
