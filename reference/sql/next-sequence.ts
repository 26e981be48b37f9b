import type { SqlSession } from '../ports/sql-store.js'

/**
 * The next number of the order in which a party's messages are committed. The one row stays locked until the
 * transaction ends, so on every store the order of the numbers is the order of the commits.
 * @param table has the columns `name` and `value`, and the row `messages`
 */
export async function nextSequence(session: SqlSession, table: string): Promise<number> {
  const [drawn] = await session.query<{ value: number }>(
    `UPDATE ${table} SET value = value + 1 WHERE name = 'messages' RETURNING value`,
  )
  if (!drawn) throw new Error(`${table} has lost its row "messages"; was the store edited by hand?`)
  return drawn.value
}
