import { createHash } from 'node:crypto'
import pg from 'pg'
import {
  StatementFailed,
  StoreClosed,
  StoreUnavailable,
  type SqlStore,
  type SqlTransaction,
  type SqlValue,
} from '../../../reference/ports/sql-store.js'
import { GroupCommit, type GroupConnection } from '../../../reference/sql/group-commit.js'
import { answered } from './answer-limit.js'
import { numberedPlaceholders } from './placeholders.js'
import { mendOfStore, postgresError } from './postgres-errors.js'
import { readPostgresUrl } from './postgres-url.js'
import { StatementBatch, type Answer, type Statement } from './statement-batch.js'

/** Wall time, milliseconds. */
const CONNECT_TIMEOUT_MS = 5_000
/** A process that is halted inside a transaction must not hold up all others for longer, wall milliseconds. */
const IDLE_IN_TRANSACTION_MS = 30_000
/**
 * A server that says nothing for so long is gone, wall milliseconds: longer than one that was halted may hold up all
 * others, and than any statement of a party takes.
 */
const ANSWER_LIMIT_MS = 60_000
/** One transaction at a time needs one; the others serve reads meanwhile. */
const CONNECTIONS = 4

/**
 * Takes the turn in which transactions run: one advisory lock for each schema, held until the end of the transaction,
 * so that whoever reads inside one reads what the one before has written, in whatever process that was.
 */
const BEGIN = ['BEGIN', `SELECT pg_advisory_xact_lock(hashtext('lockstep'), hashtext(current_schema()))`]

/** BIGINT, COUNT: as numbers. `pg` gives text, because not every one fits; those that do not are refused. */
function readBigint(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError(`the integer ${text} is beyond ±(2⁵³ − 1)`)
  return value
}

const types: pg.CustomTypesConfig = {
  // The types of `pg` give every parser the return type any.
  getTypeParser: (oid, format) =>
    oid === pg.types.builtins.INT8 ? readBigint : (pg.types.getTypeParser(oid, format) as unknown),
}

/** A statement is parsed and planned once on each connection; its name is the same wherever its text is. */
const statementName = (sql: string) => createHash('sha256').update(sql).digest('base64url').slice(0, 40)

/** A pool, with how long what it gives may stay without an answer, wall milliseconds. */
interface Connections {
  readonly pool: pg.Pool
  readonly answerLimitMs: number
}

/** @throws what the client says */
async function ask(
  { pool, answerLimitMs }: Connections,
  query: string | pg.QueryConfig,
): Promise<pg.QueryResult> {
  const client = await pool.connect()
  try {
    const result = await answered(client, answerLimitMs, () => client.query(query))
    client.release()
    return result
  } catch (error) {
    client.release(true)
    throw error
  }
}

async function run(on: Connections, sql: string, params: readonly SqlValue[] = []): Promise<pg.QueryResult> {
  try {
    if (params.length === 0) return await ask(on, sql)
    return await ask(on, { name: statementName(sql), text: numberedPlaceholders(sql), values: [...params] })
  } catch (cause) {
    throw postgresError(cause, sql)
  }
}

class PostgresTransaction implements SqlTransaction {
  #over = false

  constructor(private readonly connection: TransactionConnection) {}

  async execute(sql: string, params?: readonly SqlValue[]) {
    this.write(sql, params)
    return { rowsAffected: (await this.connection.send())?.rowCount ?? 0 }
  }

  async query<Row extends object>(sql: string, params?: readonly SqlValue[]): Promise<Row[]> {
    this.#require()
    this.connection.add(sql, params, true)
    return ((await this.connection.send())?.rows ?? []) as Row[]
  }

  write(sql: string, params?: readonly SqlValue[]): void {
    this.#require()
    this.connection.add(sql, params)
  }

  end(): void {
    this.#over = true
  }

  #require(): void {
    if (this.#over) throw new StoreClosed('this transaction has ended; was a statement in it not awaited?')
  }
}

/** One transaction on one connection, which others share one after the other. What nobody waits for yet is not sent yet. */
class TransactionConnection implements GroupConnection {
  /** A connection that cannot even roll back is not used again. */
  broken = false
  #parts = 0
  #unsent: Statement[] = []

  constructor(
    private readonly client: pg.PoolClient,
    private readonly answerLimitMs: number,
  ) {}

  /** @param rows whether they are wanted */
  add(sql: string, params: readonly SqlValue[] = [], rows = false): void {
    this.#unsent.push({ sql, params, rows })
  }

  /** Sends all that was added, in one piece. @returns the answer to the last statement */
  async send(): Promise<Answer | undefined> {
    if (this.#unsent.length === 0) return undefined
    const statements = this.#unsent
    this.#unsent = []
    const batch = new StatementBatch(statements, types)
    const answers = await answered(this.client, this.answerLimitMs, () => this.client.query(batch).answers)
    return answers.at(-1)
  }

  async begin(): Promise<void> {
    for (const statement of BEGIN) this.add(statement)
  }

  async settle(): Promise<void> {
    await this.send()
  }

  async commit(): Promise<void> {
    this.add('COMMIT')
    // The server's answer is ROLLBACK to a work that has gone on after a refusal.
    const answer = await this.send()
    if (answer?.command !== 'COMMIT') {
      throw new StatementFailed('nothing was written: a statement of the transaction had been refused')
    }
  }

  async rollback(): Promise<void> {
    this.#unsent = []
    await answered(this.client, this.answerLimitMs, () => this.client.query('ROLLBACK')).catch(() => {
      this.broken = true
    })
  }

  /** A part that is not taken back is let go of with the beginning of the next. */
  async beginPart(): Promise<void> {
    if (this.#parts++ > 0) this.add('RELEASE part')
    this.add('SAVEPOINT part')
  }

  async takePartBack(): Promise<void> {
    this.#unsent = []
    this.add('ROLLBACK TO part')
    await this.send()
  }

  session(): PostgresTransaction {
    return new PostgresTransaction(this)
  }
}

class PostgresStore implements SqlStore {
  /** In this process transactions queue here, or those that wait for the lock would take every connection. */
  #turn: Promise<unknown> = Promise.resolve()
  readonly #transactions = new GroupCommit(
    (group) => (this.#turn = this.#turn.then(group)),
    () => this.#connect(),
  )
  readonly #running = new Set<Promise<unknown>>()
  #closing: Promise<void> | undefined

  constructor(private readonly connections: Connections) {}

  execute(sql: string, params?: readonly SqlValue[]) {
    return this.#tracked(async () => ({
      rowsAffected: (await run(this.connections, sql, params)).rowCount ?? 0,
    }))
  }

  query<Row extends object>(sql: string, params?: readonly SqlValue[]): Promise<Row[]> {
    return this.#tracked(async () => (await run(this.connections, sql, params)).rows as Row[])
  }

  transaction<T>(work: (session: SqlTransaction) => Promise<T>): Promise<T> {
    return this.#tracked(() => this.#transactions.transaction(work))
  }

  close(): Promise<void> {
    this.#closing ??= Promise.allSettled(this.#running).then(() => this.connections.pool.end())
    return this.#closing
  }

  async #connect() {
    try {
      const { pool, answerLimitMs } = this.connections
      const client = await pool.connect()
      const connection = new TransactionConnection(client, answerLimitMs)
      return { connection, release: () => client.release(connection.broken) }
    } catch (cause) {
      throw postgresError(cause, 'BEGIN')
    }
  }

  #tracked<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closing) return Promise.reject(new StoreClosed('this store is closed; nothing was written'))
    const running = work()
    this.#running.add(running)
    const done = () => void this.#running.delete(running)
    running.then(done, done)
    return running
  }
}

/**
 * Opens a store in PostgreSQL 13 or later: `postgres://USER:PASSWORD@HOST:PORT/DATABASE?schema=NAME`. A schema that is
 * named is made when it is not there. TLS as libpq: `sslmode=verify-full&sslrootcert=FILE`. A write that resolved
 * survives a crash of either side, so a server that runs with `fsync=off` is refused. When the connection breaks while
 * a commit is under way, nobody knows whether it was done: its caller gets StatementFailed. One on which the server says
 * nothing for a minute counts as broken.
 * @param answerLimitMs for tests, in place of that minute, wall milliseconds
 * @throws StoreUnavailable
 */
export async function openPostgresStore(
  url: string,
  { answerLimitMs = ANSWER_LIMIT_MS } = {},
): Promise<SqlStore> {
  const { connection, schema, shown } = readPostgresUrl(url)
  const pool = new pg.Pool({
    connectionString: connection,
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    types,
    // Commits wait for the disk, whatever the server's default.
    options: `-c synchronous_commit=on${schema === undefined ? '' : ` -c search_path=${schema}`}`,
  })
  // A connection that breaks, in use or not, fails its statements, and the pool opens another one; without listeners
  // the process would end.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => void client.on('error', () => undefined))
  const connections = { pool, answerLimitMs }
  try {
    const { rows } = (await ask(connections, 'SHOW fsync')) as pg.QueryResult<{ fsync: string }>
    if (rows[0]?.fsync !== 'on')
      throw new Error('it runs with fsync=off, so a crash may lose what it confirmed')
    if (schema !== undefined) await makeSchema(connections, schema)
    return new PostgresStore(connections)
  } catch (cause) {
    await pool.end()
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new StoreUnavailable(
      `cannot use the store ${shown}: ${reason}\n  To mend it: ${mendOfStore(cause)}`,
      { cause },
    )
  }
}

/** Deletes the schema that a URL names, with all that it holds. @throws StoreUnavailable */
export async function dropPostgresSchema(url: string): Promise<void> {
  const { connection, schema, shown } = readPostgresUrl(url)
  if (schema === undefined) throw new StoreUnavailable(`${shown} names no schema: nothing was deleted`)
  const client = new pg.Client({
    connectionString: connection,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  })
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`)
  } catch (cause) {
    throw new StoreUnavailable(`cannot delete ${shown}`, { cause })
  } finally {
    await client.end()
  }
}

/** Of several that start at once, each finds it made: PostgreSQL's IF NOT EXISTS alone lets two of them collide. */
async function makeSchema(connections: Connections, schema: string): Promise<void> {
  // One query of several statements is one transaction.
  await ask(
    connections,
    `SELECT pg_advisory_xact_lock(hashtext('lockstep schema'), 0); CREATE SCHEMA IF NOT EXISTS ${schema}`,
  )
}
