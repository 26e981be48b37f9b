import { distanceMetres } from '../domain/coordinates.js'
import { freshFix, judgeFix, NO_FIXES, type FixToJudge } from '../domain/fix-quality.js'
import type { GpsState } from '../contracts/lock-link.js'
import type { Gps, GpsFix } from '../ports/gps.js'
import type { LockCore } from './lock-core.js'
import type { LockRecords } from './lock-records.js'

/**
 * Tells the platform where the lock is (REQ-11): the first good fix, then one an interval, and at once when the lock
 * has moved. Without a connection a fix is let go: a later one is worth more.
 */
export class FixReporter {
  #track = NO_FIXES
  #told: { readonly fix: FixToJudge; readonly at: number } | undefined
  #isConnected: (() => boolean) | undefined
  readonly #stop: () => void

  /** @param hardwareMs the board's clock, by which fixes grow old */
  constructor(
    private readonly core: LockCore,
    gps: Gps,
    private readonly hardwareMs: () => number,
  ) {
    if (gps.fix) this.#take(gps.fix)
    this.#stop = gps.onFix((fix) => this.#take(fix))
  }

  get state(): GpsState {
    return this.#fresh ? 'good' : 'lost'
  }

  /** From now on fixes are told. */
  start(isConnected: () => boolean): void {
    this.#isConnected = isConnected
    this.#report()
  }

  /** Tells the newest good fix as part of a turn, if there is one that is not too old. */
  async tell(records: LockRecords): Promise<void> {
    if (this.#fresh) await this.#post(this.#fresh, records)
  }

  close(): void {
    this.#stop()
  }

  get #fresh(): FixToJudge | undefined {
    return freshFix(this.#track, this.hardwareMs(), this.core.parts.config.thresholds.fix)
  }

  #take(fix: GpsFix): void {
    const { thresholds } = this.core.parts.config
    const { track, verdict } = judgeFix(this.#track, fix, this.hardwareMs(), thresholds.fix)
    this.#track = track
    if (verdict === 'good') this.#report()
  }

  #report(): void {
    const { fixIntervalSeconds, fixMovedMetres } = this.core.parts.config.thresholds
    const { now } = this.core
    const fix = this.#fresh
    if (!fix || !this.#isConnected?.()) return
    const isDue =
      !this.#told ||
      Math.abs(now - this.#told.at) >= fixIntervalSeconds * 1_000 ||
      distanceMetres(this.#told.fix.point, fix.point) >= fixMovedMetres
    if (!isDue) return
    this.#told = { fix, at: now }
    this.core.turnSoon((records) => this.#post(fix, records))
  }

  async #post({ point, hdop }: FixToJudge, records: LockRecords): Promise<void> {
    const location = { latitude: point.latitude, longitude: point.longitude }
    await this.core.post(records, { type: 'gps-fix', location, hdop })
  }
}
