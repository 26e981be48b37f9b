import { readFileSync } from 'node:fs'
import { DbcSyntaxError, type DbcDatabase } from '../../reference/can/dbc-model.js'
import { parseDbc } from '../../reference/can/dbc-parser.js'
import { readDbcText } from '../../reference/can/dbc-text.js'
import { detectTextEncoding } from '../../reference/can/text-encoding.js'
import type { CanIo } from './can-io.js'
import { requireFile } from './can-log-file.js'
import { UsageError } from './failure-exit.js'

/** What all commands that take `--dbc` let say about the file. */
export interface DbcFileFlags {
  /** Warnings instead of errors, where the rest of the DBC file can be read. */
  readonly lenient?: boolean
  /** What the file is written in; detected unless told. */
  readonly encoding?: string
}

/**
 * Reads a DBC file and tells what is doubtful in it, as `FILE:LINE:COLUMN: PROBLEM`, and its encoding where that was
 * guessed.
 * @throws UsageError, DbcSyntaxError
 */
export function readDbc(file: string, { lenient = false, encoding }: DbcFileFlags, io: CanIo): DbcDatabase {
  const database = parse(file, textOf(file, encoding, io), lenient)
  for (const { line, column, problem } of database.warnings) io.tell(`${file}:${line}:${column}: ${problem}`)
  return database
}

function parse(file: string, text: string, lenient: boolean): DbcDatabase {
  try {
    return parseDbc(text, { strict: !lenient })
  } catch (error) {
    if (!(error instanceof DbcSyntaxError)) throw error
    const mend = lenient ? {} : { mend: '--lenient leaves out what cannot be read, and goes on' }
    throw new DbcSyntaxError(error.line, error.column, error.problem, { file, ...mend })
  }
}

function textOf(file: string, encoding: string | undefined, io: CanIo): string {
  const bytes = readWhole(file)
  const detected = detectTextEncoding(bytes)
  if (encoding === undefined && detected !== 'utf-8') {
    io.tell(`${file} is read as ${detected}: it is no UTF-8; --encoding NAME says otherwise`)
  }
  try {
    return readDbcText(bytes, encoding)
  } catch (cause) {
    const problem = cause instanceof RangeError ? 'is no encoding, such as gbk' : `is not that of ${file}`
    throw new UsageError(`--encoding ${encoding} ${problem}`, { cause })
  }
}

function readWhole(file: string): Uint8Array {
  requireFile(file)
  try {
    return readFileSync(file)
  } catch (cause) {
    throw new UsageError(`${file} cannot be read`, { cause })
  }
}
