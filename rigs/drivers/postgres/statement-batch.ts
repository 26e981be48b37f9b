import pg from 'pg'
import type { SqlValue } from '../../../reference/ports/sql-store.js'
import { numberedPlaceholders } from './placeholders.js'
import { postgresError } from './postgres-errors.js'

export interface Statement {
  readonly sql: string
  readonly params: readonly SqlValue[]
  /** Whether its rows are wanted. */
  readonly rows: boolean
}

/** What the server answers to one statement. */
export type Answer = Pick<pg.QueryResult, 'command' | 'rowCount' | 'rows'>

/** How `pg` reads an answer; it exports it, but its types do not. */
interface AnswerReader extends Answer {
  addFields(fields: unknown): void
  parseRow(fields: unknown): object
  addRow(row: object): void
  addCommandComplete(message: unknown): void
}
const { Result: Reader } = pg as unknown as {
  readonly Result: new (rowMode: undefined, types: pg.CustomTypesConfig) => AnswerReader
}

/** `pg` hands messages over whole; its types ask for an argument that it does not take. */
type Connection = pg.Connection & {
  parse(message: { readonly name: string; readonly text: string; readonly types: readonly number[] }): void
  bind(message: { readonly statement: string; readonly values: readonly (string | null)[] }): void
  describe(message: { readonly type: 'P'; readonly name: '' }): void
  execute(message: object): void
}

/** A statement that a connection's server has parsed. */
interface Prepared {
  /** Given once: of a batch that is cut short nobody knows what was parsed, so its names are not used again. */
  readonly name: string
  /** The columns of its rows, once the server has told them: they stay. */
  fields?: unknown
}

/** Its table has other columns than when it was parsed (0A000, feature not supported): it is parsed anew next time. */
function isOutdated(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '0A000'
}

const preparedOn = new WeakMap<pg.Connection, Map<string, Prepared>>()
let named = 0

/**
 * Statements that reach the server in one piece and are answered in one: it is woken once for all of them (PostgreSQL,
 * 55.2.4, pipelining). At the first that is refused it leaves out the rest, and the batch rejects.
 */
export class StatementBatch implements pg.Submittable {
  /** One for each statement. Rejects as the store's own calls do. */
  readonly answers: Promise<readonly Answer[]>
  readonly #read: AnswerReader[] = []
  #reader: AnswerReader
  #done!: (answers: readonly Answer[]) => void
  #failed!: (error: Error) => void
  #unreadable: unknown
  #connection: Connection | undefined
  /** In the order of the statements. */
  readonly #prepared: Prepared[] = []
  /** What the server has yet to parse, in order. */
  readonly #parsing = new Map<string, Prepared>()

  constructor(
    private readonly statements: readonly Statement[],
    private readonly types: pg.CustomTypesConfig,
  ) {
    this.#reader = new Reader(undefined, types)
    this.answers = new Promise((resolve, reject) => {
      this.#done = resolve
      this.#failed = reject
    })
  }

  submit(on: pg.Connection): void {
    const connection = on as Connection
    this.#connection = connection
    connection.stream.cork()
    for (const { sql, params, rows } of this.statements) {
      const prepared = this.#prepare(connection, sql)
      const values = params.map((value) => (value === null ? null : String(value)))
      connection.bind({ statement: prepared.name, values })
      if (rows && !prepared.fields) connection.describe({ type: 'P', name: '' })
      connection.execute({})
      this.#prepared.push(prepared)
    }
    if (this.#parsing.size > 0) connection.on('parseComplete', this.#parsed)
    connection.sync()
    connection.stream.uncork()
    this.#readNext()
  }

  #prepare(connection: Connection, sql: string): Prepared {
    const known = preparedOn.get(connection)?.get(sql) ?? this.#parsing.get(sql)
    if (known) return known
    const prepared = { name: `s${++named}` }
    connection.parse({ name: prepared.name, text: numberedPlaceholders(sql), types: [] })
    this.#parsing.set(sql, prepared)
    return prepared
  }

  readonly #parsed = () => {
    const [next] = this.#parsing
    if (!next || !this.#connection) return
    const [sql, prepared] = next
    this.#parsing.delete(sql)
    const all = preparedOn.get(this.#connection) ?? new Map<string, Prepared>()
    preparedOn.set(this.#connection, all.set(sql, prepared))
  }

  /** Makes ready for the rows of the next statement. */
  #readNext(): void {
    const fields = this.#prepared[this.#read.length]?.fields
    if (fields !== undefined) this.#reader.addFields(fields)
  }

  // What follows is called by `pg` with the server's messages.

  handleRowDescription({ fields }: { readonly fields: unknown }): void {
    const prepared = this.#prepared[this.#read.length]
    if (prepared) prepared.fields = fields
    this.#reader.addFields(fields)
  }

  handleDataRow({ fields }: { readonly fields: unknown }): void {
    if (this.statements[this.#read.length]?.rows !== true) return
    try {
      this.#reader.addRow(this.#reader.parseRow(fields))
    } catch (error) {
      this.#unreadable ??= error
    }
  }

  handleCommandComplete(message: unknown): void {
    this.#reader.addCommandComplete(message)
    this.#read.push(this.#reader)
    this.#reader = new Reader(undefined, this.types)
    this.#readNext()
  }

  handleEmptyQuery(): void {
    this.handleCommandComplete({ text: '' })
  }

  handleError(error: unknown): void {
    this.#end()
    const statement = this.statements[this.#read.length] ?? this.statements.at(-1)
    if (this.#connection && statement && isOutdated(error))
      preparedOn.get(this.#connection)?.delete(statement.sql)
    this.#failed(postgresError(error, statement?.sql ?? ''))
  }

  handleReadyForQuery(): void {
    if (this.#unreadable !== undefined) return this.handleError(this.#unreadable)
    this.#end()
    this.#done(this.#read)
  }

  #end(): void {
    this.#connection?.off('parseComplete', this.#parsed)
  }
}
