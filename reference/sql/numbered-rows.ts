import type { SqlTransaction, SqlValue } from '../ports/sql-store.js'

/** Numbers that one transaction draws at once; most need two. What it does not use is a gap, and means nothing. */
const DRAWN_AT_ONCE = 2

/** Of the numbers that a transaction has drawn from a table, how many are still to be given. */
const left = new WeakMap<SqlTransaction, Map<string, number>>()

/**
 * Writes a row whose first value is the next number of the order in which a party's messages are committed. The one row
 * that counts stays locked until the transaction ends, so on every store the order of the numbers is the order of the
 * commits. The number is worked out in the store, so that nobody waits for it.
 * @param table has the columns `name` and `value`, and the row `messages`, which `migrate` looks for
 * @param into the row's table and columns, e.g. `platform_alerts (sequence, alert_id)`
 * @param values of the columns after the first
 */
export function writeNumbered(
  session: SqlTransaction,
  table: string,
  into: string,
  values: readonly SqlValue[],
): void {
  const tables = left.get(session) ?? new Map<string, number>()
  left.set(session, tables)
  let behind = tables.get(table) ?? 0
  if (behind === 0) {
    session.write(`UPDATE ${table} SET value = value + ${DRAWN_AT_ONCE} WHERE name = 'messages'`)
    behind = DRAWN_AT_ONCE
  }
  behind--
  tables.set(table, behind)
  session.write(
    `INSERT INTO ${into} VALUES ((SELECT value - ? FROM ${table} WHERE name = 'messages')${', ?'.repeat(values.length)})`,
    [behind, ...values],
  )
}
