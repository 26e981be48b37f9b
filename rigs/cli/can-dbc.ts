import { readFileSync } from 'node:fs'
import type { DbcDatabase } from '../../reference/can/dbc-model.js'
import { parseDbc } from '../../reference/can/dbc-parser.js'
import { readDbcText } from '../../reference/can/dbc-text.js'
import type { CanIo } from './can-io.js'
import { requireFile } from './can-log-file.js'

/**
 * Reads a DBC file and tells what is doubtful in it, as `FILE:LINE:COLUMN: PROBLEM`.
 * @param lenient what leaves the rest of the file readable is told instead of refused
 * @throws UsageError, DbcSyntaxError
 */
export function readDbc(file: string, lenient: boolean | undefined, io: CanIo): DbcDatabase {
  requireFile(file)
  const database = parseDbc(readDbcText(readFileSync(file)), { strict: !lenient })
  for (const { line, column, problem } of database.warnings) io.tell(`${file}:${line}:${column}: ${problem}`)
  return database
}
