import type { SqlSession } from '../ports/sql-store.js'

/** Numbers that one transaction draws at once; most need two. What it does not use is a gap, and means nothing. */
const DRAWN_AT_ONCE = 2

const drawn = new WeakMap<SqlSession, Map<string, { next: number; last: number }>>()

/**
 * The next number of the order in which a party's messages are committed. The one row stays locked until the
 * transaction ends, so on every store the order of the numbers is the order of the commits.
 * @param session a transaction's: what it has drawn goes with it
 * @param table has the columns `name` and `value`, and the row `messages`
 */
export async function nextSequence(session: SqlSession, table: string): Promise<number> {
  const blocks = drawn.get(session) ?? new Map<string, { next: number; last: number }>()
  drawn.set(session, blocks)
  let block = blocks.get(table)
  if (!block || block.next > block.last) {
    const [row] = await session.query<{ value: number }>(
      `UPDATE ${table} SET value = value + ${DRAWN_AT_ONCE} WHERE name = 'messages' RETURNING value`,
    )
    if (!row) throw new Error(`${table} has lost its row "messages"; was the store edited by hand?`)
    block = { next: row.value - DRAWN_AT_ONCE + 1, last: row.value }
    blocks.set(table, block)
  }
  return block.next++
}
