import { appendFileSync } from 'node:fs'
import type { EventLog } from '../../../reference/ports/event-log.js'
import { createRedactor, runRedactionKey } from '../../evidence/redaction.js'

/** What an operator has to see of a party that runs alone: what was refused, and what failed. */
const TROUBLE = /-(refused|failed|error|omitted|malformed|unanswered|unreadable)$|-not-/

/**
 * The log of a party that runs alone, one JSON document a line, redacted: secrets, codes and openids are fingerprints
 * that hold for one start of the process.
 * @param file everything goes there; without it, what was refused and what failed goes to standard error
 */
export function openPartyLog(
  file: string | undefined,
  write: (line: string) => void = file === undefined
    ? (line) => process.stderr.write(line)
    : (line) => appendFileSync(file, line, { mode: 0o600 }),
): (party: string) => EventLog {
  const redactor = createRedactor(runRedactionKey())
  // So that a file that cannot be written is told at the start.
  if (file !== undefined) write('')
  return (party) => ({
    record: (event, fields, correlationId) => {
      if (file === undefined && !TROUBLE.test(event)) return
      const entry = { party, event, ...(correlationId !== undefined && { correlationId }), ...fields }
      const redacted = redactor.value(entry) as object
      write(`${JSON.stringify({ at: new Date().toISOString(), ...redacted })}\n`)
    },
  })
}
