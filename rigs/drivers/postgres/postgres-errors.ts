import { ConstraintViolation, StatementFailed } from '../../../reference/ports/sql-store.js'

/** SQLSTATEs of class 23 (PostgreSQL, appendix A). */
const CONSTRAINTS: Readonly<Record<string, ConstraintViolation['kind']>> = {
  '23502': 'not-null',
  '23503': 'foreign-key',
  '23505': 'unique',
  '23514': 'check',
  '23P01': 'unique', // an exclusion constraint
}

/** Class 22, data exception: a number out of range, U+0000 in text. No repetition would help. */
const DATA_EXCEPTION = /^22/

/** What to do about a server that cannot be used, by Node's code or SQLSTATE. */
const MENDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'start the server, or correct host and port',
  ENOTFOUND: 'correct the host',
  ENOENT: 'correct sslrootcert: it names the PEM file of the authority',
  ERR_TLS_CERT_ALTNAME_INVALID:
    'reach it by the name that its certificate is for, or have one made for this host',
  CERT_HAS_EXPIRED: 'have a new certificate made',
  '28P01': 'correct user and password',
  '28000': 'let this user in from here (pg_hba.conf)',
  '3D000': 'make the database, or correct its name',
  '42501': 'let this user make a schema: GRANT CREATE ON DATABASE',
}

/** What to do about a store that cannot be opened. @param cause what the client was told */
export function mendOfStore(cause: unknown): string {
  const { code, message } = (cause ?? {}) as { code?: unknown; message?: unknown }
  const known = MENDS[textOf(code) ?? '']
  if (known !== undefined) return known
  if (/SELF_SIGNED|UNABLE_TO_|CERT_SIGNATURE/.test(textOf(code) ?? '')) {
    return 'name the authority that signed its certificate in sslrootcert'
  }
  if (/does not support SSL/.test(textOf(message) ?? '')) {
    return 'switch TLS on at the server (ssl = on), or leave sslmode out'
  }
  return 'does the server run, and may this user use the database?'
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined)

/** A fault of a statement by its SQLSTATE. What the server says of parameters in its `detail` stays out: they may be secret. */
export function postgresError(cause: unknown, sql: string): Error {
  const fields = (cause instanceof Error ? cause : {}) as { code?: unknown; constraint?: unknown }
  const message = cause instanceof Error ? cause.message : String(cause)
  const code = textOf(fields.code) ?? ''
  const kind = CONSTRAINTS[code]
  if (kind) return new ConstraintViolation(kind, textOf(fields.constraint) ?? message, { cause })
  // Its message repeats the value: `value "…" is out of range`.
  if (DATA_EXCEPTION.test(code)) return new ConstraintViolation('value', `SQLSTATE ${code} in "${sql}"`)
  return new StatementFailed(`the store could not run "${sql}": ${message}`, { cause })
}
