import { createHash, timingSafeEqual } from 'node:crypto'
import { parseUnlockCode, type ScanVerdict } from '../domain/unlock-code.js'
import type { LockRecords } from './lock-records.js'

interface CodeRow {
  readonly digest: string
  readonly reservation_id: string
  readonly state: 'fresh' | 'used' | 'expired'
  readonly valid_until: number
}

export interface Finding {
  readonly verdict: ScanVerdict
  /** Whose code it is, unless it is foreign or a misread. */
  readonly reservationId?: string
  readonly digest?: string
}

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

  /** The codes of a reservation that is over: what was not used will never be. */
  async expire(reservationId: string): Promise<void> {
    await this.records.session.execute(
      `UPDATE lock_codes SET state = 'expired' WHERE reservation_id = ? AND state = 'fresh'`,
      [reservationId],
    )
  }

  async markUsed(digest: string): Promise<void> {
    await this.records.session.execute(`UPDATE lock_codes SET state = 'used' WHERE digest = ?`, [digest])
  }

  /**
   * The comparator of REQ-16: what is the text that the scanner read?
   * Every known digest is compared, in constant time, so that the time taken tells nothing.
   * @param now epoch milliseconds of business time
   */
  async judge(text: string, now: number): Promise<Finding> {
    const code = parseUnlockCode(text)
    if (!code) return { verdict: 'misread' }
    const shown = Buffer.from(digestOf(code), 'hex')
    const rows = await this.records.session.query<CodeRow>(
      'SELECT digest, reservation_id, state, valid_until FROM lock_codes',
    )
    let match: CodeRow | undefined
    for (const row of rows) if (timingSafeEqual(Buffer.from(row.digest, 'hex'), shown)) match = row
    if (!match) return { verdict: 'foreign' }
    const finding = { reservationId: match.reservation_id, digest: match.digest }
    if (match.state !== 'fresh') return { verdict: match.state, ...finding }
    const held = await this.records.reservation()
    const alive = held?.id === match.reservation_id && held.state === 'coded' && now < match.valid_until
    return { verdict: alive ? 'fresh' : 'expired', ...finding }
  }
}
