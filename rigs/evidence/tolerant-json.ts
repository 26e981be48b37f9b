import { readFileSync } from 'node:fs'

export type JsonRecord = Readonly<Record<string, unknown>>

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The values of a JSON-lines text; a line that is no JSON (half of one, from a killed process) is counted. */
export function parseLines(text: string): { values: unknown[]; broken: number } {
  const values: unknown[] = []
  let broken = 0
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue
    try {
      values.push(JSON.parse(line))
    } catch {
      broken++
    }
  }
  return { values, broken }
}

/** A text as JSON; undefined for what is none. */
export function tolerantJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** A file as JSON, or why it is not. */
export function readJson(file: string): { value: unknown } | { missing: string } {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return { missing: code === 'ENOENT' ? 'was not written' : `cannot be read (${code ?? 'unknown error'})` }
  }
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return { missing: 'is not whole JSON; the process that wrote it may have been killed' }
  }
}
