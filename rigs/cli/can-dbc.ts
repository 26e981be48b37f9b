import { readFileSync } from 'node:fs'
import type { DbcDatabase } from '../../reference/can/dbc-model.js'
import { parseDbc } from '../../reference/can/dbc-parser.js'
import { readDbcText } from '../../reference/can/dbc-text.js'
import type { CanIo } from './can-io.js'
import { requireFile } from './can-log-file.js'
import { UsageError } from './failure-exit.js'

/**
 * Reads a DBC file and tells what is doubtful in it, as `FILE:LINE:COLUMN: PROBLEM`.
 * @param lenient what leaves the rest of the file readable is told instead of refused
 * @throws UsageError, DbcSyntaxError
 */
export function readDbc(file: string, lenient: boolean | undefined, io: CanIo): DbcDatabase {
  const database = parseDbc(readDbcText(readWhole(file)), { strict: !lenient })
  for (const { line, column, problem } of database.warnings) io.tell(`${file}:${line}:${column}: ${problem}`)
  return database
}

function readWhole(file: string): Uint8Array {
  requireFile(file)
  try {
    return readFileSync(file)
  } catch (cause) {
    throw new UsageError(`${file} cannot be read`, { cause })
  }
}
