import { StoreUnavailable } from '../../../reference/ports/sql-store.js'

export interface PostgresUrl {
  /** As the client takes it, with the credentials. */
  readonly connection: string
  /** The PostgreSQL schema that holds the tables, when the URL names one. */
  readonly schema: string | undefined
  /** Without the credentials, for messages. */
  readonly shown: string
}

/** What may be named without quotes, so that nothing has to be escaped. */
const SCHEMA = /^[a-z][a-z0-9_]{0,62}$/

const FORM =
  'postgres://USER:PASSWORD@HOST:PORT/DATABASE, with ?schema=NAME if the tables have one of their own'

/** @throws StoreUnavailable for a URL that names no PostgreSQL store */
export function readPostgresUrl(url: string): PostgresUrl {
  let parsed: URL
  try {
    parsed = new URL(url)
  } catch {
    // The text is not repeated: it may hold a password.
    throw new StoreUnavailable(`the store's URL cannot be read: write ${FORM}`)
  }
  if (!/^postgres(ql)?:$/.test(parsed.protocol)) {
    throw new StoreUnavailable(`a ${parsed.protocol} URL is not a PostgreSQL store: write ${FORM}`)
  }
  const schema = parsed.searchParams.get('schema') ?? undefined
  if (schema !== undefined && !SCHEMA.test(schema)) {
    throw new StoreUnavailable(`the schema ${JSON.stringify(schema)}: use a–z, 0–9 and _, a letter first`)
  }
  parsed.searchParams.delete('schema')
  return {
    connection: parsed.href,
    schema,
    shown: `postgres://${parsed.host}${parsed.pathname}${schema === undefined ? '' : `?schema=${schema}`}`,
  }
}
