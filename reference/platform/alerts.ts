import type { Alert, AlertKind } from '../contracts/platform-api.js'
import type { SqlSession, SqlTransaction } from '../ports/sql-store.js'
import { writeNumbered } from './history.js'
import type { PlatformDeps } from './platform-config.js'

export function raiseAlert(
  session: SqlTransaction,
  deps: Pick<PlatformDeps, 'clock' | 'newId' | 'log'>,
  at: { readonly bayId: string; readonly lockId: string },
  kind: AlertKind,
  detail?: string,
): void {
  writeNumbered(session, 'platform_alerts (sequence, alert_id, raised_at, bay_id, lock_id, kind, detail)', [
    deps.newId(),
    deps.clock.now(),
    at.bayId,
    at.lockId,
    kind,
    detail ?? null,
  ])
  deps.log.record('alert', { kind, ...at, ...(detail !== undefined && { detail }) })
}

interface AlertRow {
  readonly alert_id: string
  readonly raised_at: number
  readonly bay_id: string
  readonly lock_id: string
  readonly kind: AlertKind
  readonly detail: string | null
}

/** Oldest first. */
export async function listAlerts(session: SqlSession): Promise<Alert[]> {
  const rows = await session.query<AlertRow>('SELECT * FROM platform_alerts ORDER BY sequence')
  return rows.map((row) => ({
    alertId: row.alert_id,
    at: new Date(row.raised_at).toISOString(),
    lockId: row.lock_id,
    bayId: row.bay_id,
    kind: row.kind,
    ...(row.detail !== null && { detail: row.detail }),
  }))
}
