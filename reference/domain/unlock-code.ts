/**
 * The unlock code: 24 decimal digits, which fit Code 128 set C (167 modules) as well as a QR code.
 *
 *     1 | 21 random digits | 2 check digits
 *     format version         ISO/IEC 7064 MOD 97-10 over the 22 digits before
 *
 * 21 random digits are 69 bits: not to be guessed. The check digits tell a misread from a foreign code. Version 2 is
 * the rotating form: its 21 digits change with time (reference/contracts/rotating-code.ts).
 */
declare const brand: unique symbol
export type UnlockCode = string & { readonly [brand]: 'UnlockCode' }

export const UNLOCK_CODE_DIGITS = 24
export const RANDOM_DIGITS = 21
/** One code for a reservation, and one that changes with time. */
const FORMAT_VERSION = { single: '1', rotating: '2' } as const

export type CodeForm = keyof typeof FORMAT_VERSION

/** How a code is drawn on the user's screen (REQ-15). */
export type Symbology = 'qr' | 'code128'

/** Uniform integers, 0 ≤ n < limit; a cryptographic source in production. */
export type RandomInteger = (limit: number) => number

function checkDigits(body: string): string {
  return String(98n - ((BigInt(body) * 100n) % 97n)).padStart(2, '0')
}

/** A new code from a cryptographic random source. */
export function createUnlockCode(randomInteger: RandomInteger): UnlockCode {
  let digits = ''
  for (let i = 0; i < RANDOM_DIGITS; i++) digits += String(randomInteger(10))
  return codeOf('single', digits)
}

/** A code of 21 digits that were drawn or derived. */
export function codeOf(form: CodeForm, digits: string): UnlockCode {
  const body = FORMAT_VERSION[form] + digits
  return (body + checkDigits(body)) as UnlockCode
}

export function formOf(code: UnlockCode): CodeForm {
  return code.startsWith(FORMAT_VERSION.rotating) ? 'rotating' : 'single'
}

/** The code that a text is, or undefined for a misread: wrong length, version or check digits. */
export function parseUnlockCode(text: string): UnlockCode | undefined {
  if (!/^[12]\d{23}$/.test(text)) return undefined
  return BigInt(text) % 97n === 1n ? (text as UnlockCode) : undefined
}

/**
 * What a lock finds when a text is held before its scanner. Only `fresh` opens it; `throttled` was not looked at, after
 * too many that this lock does not know.
 */
export type ScanVerdict = 'fresh' | 'used' | 'expired' | 'foreign' | 'misread' | 'throttled'
