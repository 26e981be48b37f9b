import type { EventLog } from '../../../reference/ports/event-log.js'
import { limitRefusals } from '../../../reference/refusal-limit.js'
import { visibleText } from '../../../reference/visible-text.js'
import { createRedactor, runRedactionKey } from '../../evidence/redaction.js'
import { cutFields } from './cut-fields.js'
import { LogOutput } from './log-output.js'

/** What an operator has to see of a party that runs alone: what was refused, and what failed. */
const TROUBLE = /-(refused|failed|error|omitted|malformed|unanswered|unreadable|lost)$|-not-/

/** Of a whole line; texts, lists and depth are cut before, so that few lines come near it. */
const LONGEST_LINE = 8_192

/** Where a log's lines go. */
type Output = Pick<LogOutput, 'write' | 'close'>

export interface PartyLogs {
  /** The log of a party, or of a part of one. It never throws. */
  log(party: string): EventLog
  /** Writes what is still counted, and closes the file. */
  close(): void
}

/**
 * The log of a party that runs alone, one JSON document a line, redacted: secrets, codes and openids are fingerprints
 * that hold for one start of the process. Long fields are cut, and what others can cause in any number is limited
 * (`RefusalLimit`).
 * @param file everything goes there; without it, what was refused and what failed goes to standard error
 * @throws RigUnavailable when the file cannot be opened
 */
export function openPartyLogs(
  file: string | undefined,
  output: Output = file === undefined ? LogOutput.standardError() : LogOutput.file(file),
): PartyLogs {
  const redactor = createRedactor(runRedactionKey())
  const write = (entry: object) => {
    const at = new Date().toISOString()
    const { party, event } = entry as { party?: string; event: string }
    let line: string
    try {
      line = JSON.stringify({ at, ...(cutFields(redactor.value(entry)) as object) })
      if (line.length > LONGEST_LINE) line = JSON.stringify({ at, party, event, cut: line.length })
    } catch (error) {
      line = JSON.stringify({
        at,
        party,
        event,
        unreadable: error instanceof Error ? error.name : typeof error,
      })
    }
    output.write(`${visibleText(line)}\n`)
  }
  const ends: (() => void)[] = []
  return {
    log(party) {
      const limited = limitRefusals({
        record: (event, fields, correlationId) => {
          if (file === undefined && !TROUBLE.test(event)) return
          write({ party, event, ...(correlationId !== undefined && { correlationId }), ...fields })
        },
      })
      ends.push(limited.end)
      return limited
    },
    close() {
      for (const end of ends) end()
      output.close()
    },
  }
}
