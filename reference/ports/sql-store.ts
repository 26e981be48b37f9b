export type SqlValue = string | number | bigint | null

/** One connection's view: statements run in order, with `?` placeholders. */
export interface SqlSession {
  /** @throws ConstraintViolation when a constraint of the schema refuses the write */
  execute(sql: string, params?: readonly SqlValue[]): Promise<{ readonly rowsAffected: number }>
  query<Row extends object>(sql: string, params?: readonly SqlValue[]): Promise<Row[]>
}

/** A durable SQL store: once a write has resolved, `kill -9` does not lose it. */
export interface SqlStore extends SqlSession {
  /**
   * Runs `work` in one transaction: committed when it resolves, rolled back when it rejects. Transactions of one
   * store are serialised; inside `work` use only the session it is given.
   */
  transaction<T>(work: (session: SqlSession) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** A write that the schema refuses: an expected outcome of a race, to be turned into a refusal. */
export class ConstraintViolation extends Error {
  override readonly name = 'ConstraintViolation'
  constructor(
    readonly kind: 'unique' | 'check' | 'foreign-key' | 'not-null',
    /** What the store said, e.g. the columns of the index. */
    detail: string,
    options?: ErrorOptions,
  ) {
    super(`the ${kind} constraint refused the write: ${detail}`, options)
  }
}
