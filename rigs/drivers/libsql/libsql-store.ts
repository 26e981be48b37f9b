import Database from 'libsql'
import {
  ConstraintViolation,
  StatementFailed,
  StoreClosed,
  StoreUnavailable,
  type SqlSession,
  type SqlStore,
  type SqlTransaction,
  type SqlValue,
} from '../../../reference/ports/sql-store.js'
import { GroupCommit, type GroupConnection } from '../../../reference/sql/group-commit.js'
import { keepPrivate } from './private-file.js'

const SCHEME = 'libsql:'

/** How long a write waits for another process that writes to the same file, milliseconds. */
const BUSY_TIMEOUT_MS = 5_000

/**
 * Pages of 4 KB that the write-ahead log collects before they are brought into the file, which some commit has to wait
 * for: 16 MB, so that a page that changes often is brought there once for many changes. Durable they are in the log.
 */
const LOG_PAGES = 4_096

/** Compiled statements of a connection; all that the parties say is fewer. */
const STATEMENTS_KEPT = 256

const CONSTRAINTS: Readonly<Record<string, ConstraintViolation['kind']>> = {
  SQLITE_CONSTRAINT_UNIQUE: 'unique',
  SQLITE_CONSTRAINT_PRIMARYKEY: 'unique',
  SQLITE_CONSTRAINT_ROWID: 'unique',
  SQLITE_CONSTRAINT_CHECK: 'check',
  SQLITE_CONSTRAINT_FOREIGNKEY: 'foreign-key',
  SQLITE_CONSTRAINT_NOTNULL: 'not-null',
}

function named(cause: unknown, sql: string): Error {
  const message = cause instanceof Error ? cause.message : String(cause)
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  const kind = CONSTRAINTS[code]
  if (kind) return new ConstraintViolation(kind, message, { cause })
  return new StatementFailed(`the store could not run "${sql}": ${message}`, { cause })
}

/** Statements of one connection, compiled once: parties say the same ones over and over. */
class Statements {
  readonly #compiled = new Map<string, Database.Statement>()

  constructor(private readonly database: Database.Database) {}

  get(sql: string): Database.Statement {
    let statement = this.#compiled.get(sql)
    if (!statement) {
      statement = this.database.prepare(sql)
      const [oldest] = this.#compiled.size < STATEMENTS_KEPT ? [] : this.#compiled.keys()
      if (oldest !== undefined) this.#compiled.delete(oldest)
      this.#compiled.set(sql, statement)
    }
    return statement
  }

  /** One that failed is compiled anew: it may stand half-way. */
  forget(sql: string): void {
    this.#compiled.delete(sql)
  }
}

class LibsqlSession implements SqlSession {
  constructor(private readonly statements: Statements) {}

  async execute(sql: string, params: readonly SqlValue[] = []) {
    return { rowsAffected: this.run(sql, params) }
  }

  async query<Row extends object>(sql: string, params: readonly SqlValue[] = []): Promise<Row[]> {
    try {
      return this.statements.get(sql).all([...params]) as Row[]
    } catch (cause) {
      this.statements.forget(sql)
      throw named(cause, sql)
    }
  }

  /** @returns how many rows it touched */
  run(sql: string, params: readonly SqlValue[]): number {
    try {
      return this.statements.get(sql).run([...params]).changes
    } catch (cause) {
      this.statements.forget(sql)
      throw named(cause, sql)
    }
  }
}

/** Whether all stands that was written in a transaction. */
class Written {
  #refusal: Error | undefined

  refuse(error: unknown): void {
    this.#refusal ??= error instanceof Error ? error : new Error(String(error))
  }

  forget(): void {
    this.#refusal = undefined
  }

  require(): void {
    if (this.#refusal) throw this.#refusal
  }
}

class LibsqlTransaction implements SqlTransaction {
  #over = false
  readonly #session: LibsqlSession

  constructor(
    statements: Statements,
    private readonly written: Written,
  ) {
    this.#session = new LibsqlSession(statements)
  }

  async execute(sql: string, params?: readonly SqlValue[]) {
    this.#requireOpen()
    this.written.require()
    return this.#session.execute(sql, params)
  }

  async query<Row extends object>(sql: string, params?: readonly SqlValue[]): Promise<Row[]> {
    this.#requireOpen()
    this.written.require()
    return this.#session.query<Row>(sql, params)
  }

  write(sql: string, params: readonly SqlValue[] = []): void {
    this.#requireOpen()
    try {
      this.#session.run(sql, params)
    } catch (error) {
      this.written.refuse(error)
    }
  }

  end(): void {
    this.#over = true
  }

  #requireOpen(): void {
    if (this.#over) throw new StoreClosed('this transaction has ended; was a statement in it not awaited?')
  }
}

class LibsqlStore implements SqlStore {
  /** All statements share one connection, so each waits until the transaction before it has ended. */
  #turn: Promise<unknown> = Promise.resolve()
  #closing: Promise<void> | undefined
  readonly #statements: Statements
  readonly #transactions: GroupCommit

  constructor(private readonly database: Database.Database) {
    this.#statements = new Statements(database)
    const connection = this.#connection()
    this.#transactions = new GroupCommit(
      (group) => this.#append(group),
      async () => ({ connection, release: () => undefined }),
    )
  }

  execute(sql: string, params?: readonly SqlValue[]) {
    return this.#inTurn(() => this.#session().execute(sql, params))
  }

  query<Row extends object>(sql: string, params?: readonly SqlValue[]): Promise<Row[]> {
    return this.#inTurn(() => this.#session().query<Row>(sql, params))
  }

  transaction<T>(work: (session: SqlTransaction) => Promise<T>): Promise<T> {
    return this.#refuseClosed() ?? this.#transactions.transaction(work)
  }

  close(): Promise<void> {
    this.#closing ??= this.#drained().then(() => void this.database.close())
    return this.#closing
  }

  #session(): LibsqlSession {
    return new LibsqlSession(this.#statements)
  }

  #connection(): GroupConnection {
    const written = new Written()
    const run = async (sql: string) => void this.#session().run(sql, [])
    return {
      // IMMEDIATE takes the write lock now: a deferred one may fail half-way when another process writes.
      begin: () => run('BEGIN IMMEDIATE'),
      settle: async () => written.require(),
      commit: async () => {
        written.require()
        await run('COMMIT')
      },
      rollback: async () => {
        written.forget()
        if (this.database.inTransaction) await run('ROLLBACK').catch(() => undefined)
      },
      beginPart: () => run('SAVEPOINT part'),
      takePartBack: async () => {
        written.forget()
        await run('ROLLBACK TO part')
      },
      session: () => new LibsqlTransaction(this.#statements, written),
    }
  }

  #refuseClosed(): Promise<never> | undefined {
    if (!this.#closing) return undefined
    return Promise.reject(new StoreClosed('this store is closed; nothing was written'))
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const refused = this.#refuseClosed()
    return refused ?? this.#append(work)
  }

  #append<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work)
    this.#turn = result.catch(() => undefined)
    return result
  }

  /** Resolves when nothing waits any more: a long queue of transactions appends its own turns. */
  async #drained(): Promise<void> {
    for (let turn: unknown; turn !== this.#turn;) {
      turn = this.#turn
      await turn
    }
  }
}

/**
 * Opens an embedded store: `libsql:path/to/file.db` (created when it is not there) or `libsql::memory:`.
 * A write that resolved survives `kill -9` and a power cut: write-ahead log, synced at every commit.
 * Integers must lie within ±(2⁵³ − 1): larger ones would come back rounded.
 * @throws StoreUnavailable
 */
export async function openLibsqlStore(url: string): Promise<SqlStore> {
  const path = url.startsWith(SCHEME) ? url.slice(SCHEME.length) : ''
  if (!path) {
    throw new StoreUnavailable(
      `"${url}" is not a libsql store: write libsql:path/to/file.db or libsql::memory:`,
    )
  }
  try {
    if (path !== ':memory:') keepPrivate(path)
    const database = new Database(path, { timeout: BUSY_TIMEOUT_MS })
    database.pragma('journal_mode = WAL')
    database.pragma('synchronous = FULL')
    database.pragma('foreign_keys = ON')
    database.pragma(`wal_autocheckpoint = ${LOG_PAGES}`)
    return new LibsqlStore(database)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new StoreUnavailable(
      `cannot open the store ${path}: ${reason}. Is its folder there and writable, and is the file a database?`,
      { cause },
    )
  }
}
