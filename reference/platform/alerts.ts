import type { Alert, AlertKind } from '../contracts/platform-api.js'
import type { SqlSession, SqlTransaction } from '../ports/sql-store.js'
import { writeNumbered } from './history.js'
import type { PlatformDeps } from './platform-config.js'

/** What repeats within it is one alert that counts up, milliseconds of business time. */
const COALESCED_MS = 3_600_000

/** Most alerts of one answer. */
const PAGE = 1_000

export interface RaisedAlert {
  readonly kind: AlertKind
  /** One of a few words that the contract has, such as a fault's name: no lock may choose it freely. */
  readonly subject?: string
  /** For an operator to read; of alerts that are one, the newest stands. */
  readonly detail?: string
}

/** Commits an alert with the state that it follows from; one that repeats is counted on the alert that there is. */
export async function raiseAlert(
  session: SqlTransaction,
  deps: Pick<PlatformDeps, 'clock' | 'newId' | 'log'>,
  at: { readonly bayId: string; readonly lockId: string },
  { kind, subject = '', detail }: RaisedAlert,
): Promise<void> {
  const nowMs = deps.clock.now()
  const [before] = await session.query<AlertRow>(
    `SELECT * FROM platform_alerts WHERE lock_id = ? AND bay_id = ? AND kind = ? AND subject = ? AND raised_at > ?
     ORDER BY sequence DESC LIMIT 1`,
    [at.lockId, at.bayId, kind, subject, nowMs - COALESCED_MS],
  )
  // Under a new number, so that who has read the alert already reads it again.
  if (before) session.write('DELETE FROM platform_alerts WHERE sequence = ?', [before.sequence])
  writeNumbered(
    session,
    `platform_alerts (sequence, alert_id, raised_at, bay_id, lock_id, kind, detail, subject, last_at, times)`,
    [
      before?.alert_id ?? deps.newId(),
      before?.raised_at ?? nowMs,
      at.bayId,
      at.lockId,
      kind,
      detail ?? null,
      subject,
      nowMs,
      (before?.times ?? 0) + 1,
    ],
  )
  deps.log.record('alert', { kind, ...at, ...(detail !== undefined && { detail }) })
}

interface AlertRow {
  readonly sequence: number
  readonly alert_id: string
  readonly raised_at: number
  readonly last_at: number | null
  readonly times: number
  readonly bay_id: string
  readonly lock_id: string
  readonly kind: AlertKind
  readonly detail: string | null
}

/** Oldest first, at most 1,000. @param after the last sequence that is known already */
export async function alertsAfter(session: SqlSession, after: number): Promise<Alert[]> {
  const rows = await session.query<AlertRow>(
    `SELECT * FROM platform_alerts WHERE sequence > ? ORDER BY sequence LIMIT ${PAGE}`,
    [after],
  )
  return rows.map((row) => ({
    sequence: row.sequence,
    alertId: row.alert_id,
    at: new Date(row.raised_at).toISOString(),
    ...(row.times > 1 && {
      lastAt: new Date(row.last_at ?? row.raised_at).toISOString(),
      times: row.times,
    }),
    lockId: row.lock_id,
    bayId: row.bay_id,
    kind: row.kind,
    ...(row.detail !== null && { detail: row.detail }),
  }))
}
