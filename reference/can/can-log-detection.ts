import type { ReadableCanLogFormat } from './can-log.js'
import { DROP_COUNT } from './candump-log.js'
import { withoutColours } from './candump-text.js'

const EXTENSIONS: Readonly<Record<string, ReadableCanLogFormat>> = { log: 'candump', asc: 'asc', trc: 'trc' }

/** The format that a file's name promises. */
export function canLogFormatOfName(name: string): ReadableCanLogFormat | undefined {
  const extension = /\.([A-Za-z]+)$/.exec(name)?.[1]?.toLowerCase()
  return extension === undefined || !Object.hasOwn(EXTENSIONS, extension) ? undefined : EXTENSIONS[extension]
}

/** Lines that are of one format only. */
const SURE: readonly [RegExp, ReadableCanLogFormat][] = [
  [/^\s*\(\d+\.\d{6,9}\)\s+\S+\s+[0-9A-F]{3,8}#/i, 'candump'],
  [
    /^\s*(?:\(.{1,40}\)\s+)?\S+\s+(?:[RT]X [-B] [-E]\s+)?(?:[0-9A-F]{8}|[0-9A-F]{3})\s+(?:\[\d{1,2}\]|\{[0-9A-F]\})/i,
    'candump-text',
  ],
  [/^\s*(date\s|base\s+(hex|dec)|(no\s+)?internal events logged|begin triggerblock)/i, 'asc'],
  [/^\s*\d+\.\d+\s+(\d+|CANFD|CAN|Start of)(?=\s|$)/, 'asc'],
  [/^\s*;(\$[A-Z]+=|---)/, 'trc'],
  [/^\s*\d+\)\s+\d+/, 'trc'],
]

/** Comments: other formats may have them too. */
const LIKELY: readonly [RegExp, ReadableCanLogFormat][] = [
  [/^\s*\/\//, 'asc'],
  [/^\s*;/, 'trc'],
]

function formatByLine(patterns: typeof SURE, text: string): ReadableCanLogFormat | undefined {
  if (text.trim() === '' || DROP_COUNT.test(text)) return undefined
  const plain = withoutColours(text)
  return patterns.find(([pattern]) => pattern.test(plain))?.[1]
}

/** @returns the format that alone has such a line */
export const sureFormatOfLine = (text: string) => formatByLine(SURE, text)

/**
 * The format of a log by its first lines: by the first that only one format has, else by its name, else by what
 * its comments look like.
 */
export function detectCanLogFormat(head: string, name = ''): ReadableCanLogFormat | undefined {
  const lines = head.split(/\r?\n/)
  for (const patterns of [SURE, LIKELY]) {
    for (const line of lines) {
      const found = formatByLine(patterns, line)
      if (found) return found
    }
    const named = canLogFormatOfName(name)
    if (named) return named
  }
  return undefined
}
