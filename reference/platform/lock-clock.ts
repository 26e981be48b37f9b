import type { SqlTransaction } from '../ports/sql-store.js'
import { raiseAlert } from './alerts.js'
import { recordHealth } from './bay-axes.js'
import { postCommand } from './outbox.js'
import type { PlatformDeps } from './platform-config.js'
import type { BayRow } from './spaces.js'

/** How far a lock's clock may be off: it judges codes and holds by it. Milliseconds of business time. */
export const CLOCK_TOLERANCE_MS = 30_000
/** An answer that took longer does not prove that a clock is right, milliseconds of business time. */
const QUICK_MS = 10_000
/** How long a question about a clock is worth an answer, and the least between two, milliseconds of business time. */
const QUESTION_LIFE_MS = 60_000

/** All in milliseconds since the Unix epoch. */
export interface ClockEvidence {
  /** By the lock's clock, when it said something. */
  readonly saidAtMs: number
  /** By the platform's, when that came. */
  readonly receivedAtMs: number
  /** By the platform's, when it gave the command that was answered. */
  readonly askedAtMs: number | undefined
}

/**
 * What a message proves of its lock's clock. Messages wait for a lost link, so that an old time proves nothing; but none
 * can come before it was said, and no answer is said before the question.
 * @returns how far it is ahead at least, milliseconds, negative when it is behind; 0 when it is right; else undefined
 */
export function clockAheadMs({ saidAtMs, receivedAtMs, askedAtMs }: ClockEvidence): number | undefined {
  if (saidAtMs - receivedAtMs > CLOCK_TOLERANCE_MS) return saidAtMs - receivedAtMs
  if (askedAtMs === undefined) return undefined
  if (saidAtMs - askedAtMs < -CLOCK_TOLERANCE_MS) return saidAtMs - askedAtMs
  return receivedAtMs - askedAtMs <= QUICK_MS ? 0 : undefined
}

/**
 * Watches the clocks of locks. One that looks wrong is asked (`report`), and counts as wrong when its answer proves it:
 * then its bay is not offered, and the operator is told, until an answer proves it right.
 */
export class LockClocks {
  constructor(private readonly deps: Pick<PlatformDeps, 'clock' | 'newId' | 'log'>) {}

  /** @param askedAtMs of a command's answer */
  async judge(session: SqlTransaction, bay: BayRow, saidAtMs: number, askedAtMs?: number): Promise<void> {
    const aheadMs = clockAheadMs({ saidAtMs, receivedAtMs: this.deps.clock.now(), askedAtMs })
    if (aheadMs === undefined) return
    if (aheadMs === 0) return this.#isRight(session, bay)
    const isAnswer = askedAtMs !== undefined && bay.clock_asked_at !== null && askedAtMs >= bay.clock_asked_at
    if (bay.clock_ahead_ms !== null || isAnswer) await this.#isWrong(session, bay, aheadMs)
    else if (bay.clock_asked_at === null) this.#ask(session, bay)
  }

  /** A lock that is there, and whose clock was wrong when it spoke last, is asked again now and then. */
  look(session: SqlTransaction, bay: BayRow): void {
    const isDue = this.deps.clock.now() - (bay.clock_asked_at ?? -Infinity) >= QUESTION_LIFE_MS
    if (bay.clock_ahead_ms !== null && isDue) this.#ask(session, bay)
  }

  #ask(session: SqlTransaction, { bay_id: bayId, lock_id: lockId }: BayRow): void {
    const nowMs = this.deps.clock.now()
    session.write('UPDATE platform_bays SET clock_asked_at = ? WHERE bay_id = ?', [nowMs, bayId])
    postCommand(
      session,
      lockId,
      {
        id: this.deps.newId(),
        issuedAt: new Date(nowMs).toISOString(),
        expiresAt: new Date(nowMs + QUESTION_LIFE_MS).toISOString(),
        type: 'report',
      },
      { atOnce: true },
    )
    this.deps.log.record('lock-clock-asked', { lockId, bayId })
  }

  async #isWrong(session: SqlTransaction, bay: BayRow, aheadMs: number): Promise<void> {
    const { bay_id: bayId, lock_id: lockId } = bay
    session.write('UPDATE platform_bays SET clock_ahead_ms = ? WHERE bay_id = ?', [aheadMs, bayId])
    if (bay.clock_ahead_ms !== null) return
    const seconds = Math.round(Math.abs(aheadMs) / 1000)
    const detail = `${seconds} s ${aheadMs > 0 ? 'ahead' : 'behind'} at least`
    await raiseAlert(session, this.deps, { bayId, lockId }, { kind: 'clock-drift', detail })
    recordHealth(session, this.deps, bay, { clock_ahead_ms: aheadMs }, 'clock-drift')
  }

  #isRight(session: SqlTransaction, bay: BayRow): void {
    if (bay.clock_asked_at === null && bay.clock_ahead_ms === null) return
    const { bay_id: bayId, lock_id: lockId } = bay
    session.write('UPDATE platform_bays SET clock_asked_at = NULL, clock_ahead_ms = NULL WHERE bay_id = ?', [
      bayId,
    ])
    this.deps.log.record('lock-clock-right', { lockId, bayId })
    recordHealth(session, this.deps, bay, { clock_ahead_ms: null }, 'clock right')
  }
}
