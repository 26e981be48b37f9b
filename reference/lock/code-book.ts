import { createHash, timingSafeEqual } from 'node:crypto'
import { rotatingCode, rotationStep } from '../contracts/rotating-code.js'
import { formOf, parseUnlockCode, type ScanVerdict, type UnlockCode } from '../domain/unlock-code.js'
import type { LockRecords } from './lock-records.js'

interface CodeRow {
  readonly digest: string
  readonly reservation_id: string
  readonly state: 'fresh' | 'used' | 'expired'
  readonly valid_until: number
}

interface KeyRow {
  readonly reservation_id: string
  readonly rotating_key: string
  readonly state: 'fresh' | 'used' | 'expired'
  readonly valid_until: number
}

export interface Finding {
  readonly verdict: ScanVerdict
  /** Whose code it is, unless it is foreign or a misread. */
  readonly reservationId?: string
}

/** Reservations with a rotating code that are remembered, so that their codes are called used or expired. */
const KEY_HISTORY = 8
/** The code of the step before is still good: the user's clock may be behind, and scanning takes a while. */
const GOOD_STEPS = { behind: 1, ahead: 1 }
/** Codes of the last ten minutes are known to be too old; older ones are foreign. */
const KNOWN_STEPS = 40

/** The lock never keeps a code, only this: who reads its storage opens nothing. */
const digestOf = (code: string) => createHash('sha256').update(code).digest('hex')

/** The codes that a lock knows, inside one transaction. */
export class CodeBook {
  constructor(private readonly records: LockRecords) {}

  /**
   * Takes a reservation's code in; an earlier one of the same reservation dies. A code that is known already keeps
   * its state, so that a repeated delivery never makes a used one fresh.
   */
  async store(code: string, reservationId: string, validUntil: number, history: number): Promise<void> {
    const { session } = this.records
    const digest = digestOf(code)
    await session.execute(
      `UPDATE lock_codes SET state = 'expired' WHERE reservation_id = ? AND state = 'fresh' AND digest <> ?`,
      [reservationId, digest],
    )
    await session.execute(
      `INSERT INTO lock_codes (digest, reservation_id, state, valid_until) VALUES (?, ?, 'fresh', ?)
       ON CONFLICT (digest) DO NOTHING`,
      [digest, reservationId, validUntil],
    )
    await session.execute('DELETE FROM lock_codes WHERE seq <= (SELECT MAX(seq) FROM lock_codes) - ?', [
      history,
    ])
  }

  /** Takes in the key of a reservation's rotating code; one that is known keeps its state. */
  async storeKey(rotatingKey: string, reservationId: string, validUntil: number): Promise<void> {
    const { session } = this.records
    await session.execute(
      `INSERT INTO lock_rotating_keys (reservation_id, rotating_key, state, valid_until) VALUES (?, ?, 'fresh', ?)
       ON CONFLICT (reservation_id) DO NOTHING`,
      [reservationId, rotatingKey, validUntil],
    )
    await session.execute(
      'DELETE FROM lock_rotating_keys WHERE seq <= (SELECT MAX(seq) FROM lock_rotating_keys) - ?',
      [KEY_HISTORY],
    )
  }

  /** The codes of a reservation that is over: what was not used will never be. */
  async expire(reservationId: string): Promise<void> {
    for (const table of ['lock_codes', 'lock_rotating_keys']) {
      await this.records.session.execute(
        `UPDATE ${table} SET state = 'expired' WHERE reservation_id = ? AND state = 'fresh'`,
        [reservationId],
      )
    }
  }

  /** The reservation's code has opened: neither it nor any later one of its rotating form does so again. */
  async markUsed(reservationId: string): Promise<void> {
    for (const table of ['lock_codes', 'lock_rotating_keys']) {
      await this.records.session.execute(
        `UPDATE ${table} SET state = 'used' WHERE reservation_id = ? AND state = 'fresh'`,
        [reservationId],
      )
    }
  }

  /**
   * The comparator of REQ-16: what is the text that the scanner read?
   * Every known digest is compared, in constant time, so that the time taken tells nothing.
   * @param now epoch milliseconds of business time
   * @param lockId what a rotating code is bound to
   */
  async judge(text: string, now: number, lockId: string): Promise<Finding> {
    const code = parseUnlockCode(text)
    if (!code) return { verdict: 'misread' }
    return formOf(code) === 'rotating' ? this.#judgeRotating(code, now, lockId) : this.#judgeSingle(code, now)
  }

  async #judgeSingle(code: UnlockCode, now: number): Promise<Finding> {
    const shown = Buffer.from(digestOf(code), 'hex')
    const rows = await this.records.session.query<CodeRow>(
      'SELECT digest, reservation_id, state, valid_until FROM lock_codes',
    )
    let match: CodeRow | undefined
    for (const row of rows) if (timingSafeEqual(Buffer.from(row.digest, 'hex'), shown)) match = row
    if (!match) return { verdict: 'foreign' }
    return this.#judgeKnown(match, now)
  }

  /** Every step of every key is derived and compared, whichever matches. */
  async #judgeRotating(code: UnlockCode, now: number, lockId: string): Promise<Finding> {
    const shown = Buffer.from(code)
    const keys = await this.records.session.query<KeyRow>(
      'SELECT reservation_id, rotating_key, state, valid_until FROM lock_rotating_keys',
    )
    const current = rotationStep(now)
    let match: { readonly key: KeyRow; readonly age: number } | undefined
    for (const key of keys) {
      const source = {
        rotatingKey: key.rotating_key,
        lockId,
        reservationId: key.reservation_id,
      }
      for (let age = -GOOD_STEPS.ahead; age <= KNOWN_STEPS; age++) {
        if (timingSafeEqual(Buffer.from(rotatingCode(source, current - age)), shown)) match = { key, age }
      }
    }
    if (!match) return { verdict: 'foreign' }
    if (match.key.state === 'fresh' && match.age > GOOD_STEPS.behind) {
      return { verdict: 'expired', reservationId: match.key.reservation_id }
    }
    return this.#judgeKnown(match.key, now)
  }

  async #judgeKnown(known: CodeRow | KeyRow, now: number): Promise<Finding> {
    const reservationId = known.reservation_id
    if (known.state !== 'fresh') return { verdict: known.state, reservationId }
    const held = await this.records.reservation()
    const alive = held?.id === reservationId && held.state === 'coded' && now < known.valid_until
    return { verdict: alive ? 'fresh' : 'expired', reservationId }
  }
}
