import type { AuditEntry } from '../contracts/platform-api.js'
import type { SqlSession, SqlStore } from '../ports/sql-store.js'
import { writeNumbered } from './history.js'

/** Most entries of one answer. */
const PAGE = 1_000
/** Of what a stranger named: enough to see what they were after. */
const MOST_TARGET = 128

/** Keeps what was done or refused. `target` never holds a secret: it is a path or an identifier. */
export async function recordAudit(
  store: SqlStore,
  atMs: number,
  entry: Pick<AuditEntry, 'party' | 'action' | 'target' | 'outcome'>,
): Promise<void> {
  // A path may hold anything at all: what is no visible ASCII is shown as a question mark.
  const target = entry.target.replace(/[^\x21-\x7e]/g, '?').slice(0, MOST_TARGET)
  await store.transaction(async (session) => {
    writeNumbered(session, 'platform_audit (sequence, recorded_at, party, action, target, outcome)', [
      atMs,
      entry.party,
      entry.action,
      target,
      entry.outcome,
    ])
  })
}

/** Oldest first. @param after the last sequence that is known already */
export async function auditAfter(session: SqlSession, after: number): Promise<AuditEntry[]> {
  const rows = await session.query<Omit<AuditEntry, 'at'> & { readonly recorded_at: number }>(
    `SELECT sequence, recorded_at, party, action, target, outcome FROM platform_audit
     WHERE sequence > ? ORDER BY sequence LIMIT ${PAGE}`,
    [after],
  )
  return rows.map(({ recorded_at: atMs, ...row }) => ({ ...row, at: new Date(atMs).toISOString() }))
}
