import { InvalidSlcanLine, printable, type SlcanProblem } from './slcan-line.js'

/** Value of each byte as a hexadecimal digit, either case; 255 for what is none. */
const DIGITS = new Uint8Array(256).fill(255)
for (let value = 0; value < 16; value++) {
  DIGITS[value.toString(16).charCodeAt(0)] = value
  DIGITS[value.toString(16).toUpperCase().charCodeAt(0)] = value
}

export function refuse(problem: SlcanProblem, line: Uint8Array, what: string): never {
  throw new InvalidSlcanLine(problem, printable(line), what)
}

/** @throws InvalidSlcanLine `bad-length` unless the line has `length` characters */
export function requireLength(line: Uint8Array, length: number): void {
  if (line.length !== length) refuse('bad-length', line, `${line.length} characters, not ${length}`)
}

/** The number that `count` hexadecimal digits at `at` make, at most 8 of them. */
export function hexNumber(line: Uint8Array, at: number, count: number): number {
  let value = 0
  for (let i = at; i < at + count; i++) {
    const digit = DIGITS[line[i] ?? 0] as number
    if (digit > 15) refuse('bad-digit', line, `character ${i + 1} is no hexadecimal digit`)
    value = value * 16 + digit
  }
  return value
}

export const hex = (value: number, count: number) => value.toString(16).toUpperCase().padStart(count, '0')
