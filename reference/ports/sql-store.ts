import { RigFault } from './faults.js'

export type SqlValue = string | number | bigint | null

/**
 * One connection's view: statements run in order, with `?` placeholders. The SQL is what SQLite and PostgreSQL both
 * take. Integers come back as numbers and must lie within ±(2⁵³ − 1). An alias keeps its capitals in double quotes only.
 */
export interface SqlSession {
  /** @throws ConstraintViolation when the schema refuses the write, StatementFailed, StoreClosed */
  execute(sql: string, params?: readonly SqlValue[]): Promise<{ readonly rowsAffected: number }>
  query<Row extends object>(sql: string, params?: readonly SqlValue[]): Promise<Row[]>
}

/** The view of one transaction, from its beginning to its end. */
export interface SqlTransaction extends SqlSession {
  /**
   * A write of which the work needs to know nothing: it stands before anything that is asked later, and the work goes
   * on at once, so that a store at the other end of a wire is waited for less often. Refused, it fails what is asked
   * next, or else the transaction.
   * @throws StoreClosed
   */
  write(sql: string, params?: readonly SqlValue[]): void
}

/** A durable SQL store: once a write has resolved, `kill -9` does not lose it. */
export interface SqlStore extends SqlSession {
  /**
   * Runs `work` in one transaction: committed when it resolves, rolled back when it rejects. Transactions on the same
   * data are serialised, whatever process they are in; inside `work` use only the session it is given, and leave it
   * by an error once a statement has been refused: on some stores nothing more can be done in that transaction.
   */
  transaction<T>(work: (session: SqlTransaction) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** A store that cannot be opened, or is not safe to trust. */
export class StoreUnavailable extends RigFault {
  override readonly name = 'StoreUnavailable'
}

/** Thrown for every use of a store after `close`, and of a transaction's session after its end. */
export class StoreClosed extends Error {
  override readonly name = 'StoreClosed'
}

/** The store cannot carry a statement out now; the parameters are not repeated, they may be secret. */
export class StatementFailed extends Error {
  override readonly name = 'StatementFailed'
}

/** A write that the schema refuses: an expected outcome of a race, to be turned into a refusal. */
export class ConstraintViolation extends Error {
  override readonly name = 'ConstraintViolation'
  constructor(
    /** `value`: one that the column cannot hold on this store, such as U+0000 in PostgreSQL's text. */
    readonly kind: 'unique' | 'check' | 'foreign-key' | 'not-null' | 'value',
    /** What the store said, e.g. the columns of the index. */
    detail: string,
    options?: ErrorOptions,
  ) {
    super(`the ${kind} constraint refused the write: ${detail}`, options)
  }
}
