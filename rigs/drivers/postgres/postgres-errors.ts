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
