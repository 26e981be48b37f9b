import type { LockReport } from '../contracts/platform-api.js'
import type { SqlSession } from '../ports/sql-store.js'

/** Longer than any operator waits, milliseconds of business time: what is older was left by an instance that died. */
const FORGOTTEN_AFTER_MS = 86_400_000

/** Commits that an operator waits for a lock's answer to a command. */
export async function expectAnswer(
  session: SqlSession,
  commandId: string,
  lockId: string,
  nowMs: number,
): Promise<void> {
  await session.execute('DELETE FROM platform_operator_calls WHERE created_at < ?', [
    nowMs - FORGOTTEN_AFTER_MS,
  ])
  await session.execute(
    'INSERT INTO platform_operator_calls (command_id, lock_id, created_at) VALUES (?, ?, ?)',
    [commandId, lockId, nowMs],
  )
}

/** Keeps a lock's answer for whichever instance was asked; only the lock that was asked may answer, and once. */
export async function keepAnswer(
  session: SqlSession,
  commandId: string,
  lockId: string,
  answer: LockReport,
): Promise<void> {
  await session.execute(
    'UPDATE platform_operator_calls SET answer = ? WHERE command_id = ? AND lock_id = ? AND answer IS NULL',
    [JSON.stringify(answer), commandId, lockId],
  )
}

/** The answers that have come to some commands. */
export async function readAnswers(
  session: SqlSession,
  commandIds: readonly string[],
): Promise<{ readonly commandId: string; readonly answer: LockReport }[]> {
  const rows = await session.query<{ id: string; answer: string }>(
    `SELECT command_id AS id, answer FROM platform_operator_calls
     WHERE answer IS NOT NULL AND command_id IN (${commandIds.map(() => '?').join(', ')})`,
    commandIds,
  )
  return rows.map(({ id, answer }) => ({ commandId: id, answer: JSON.parse(answer) as LockReport }))
}

export async function forgetCall(session: SqlSession, commandId: string): Promise<void> {
  await session.execute('DELETE FROM platform_operator_calls WHERE command_id = ?', [commandId])
}
