/**
 * The unlock code: 24 decimal digits, which fit Code 128 set C (167 modules) as well as a QR code.
 *
 *     1 | 21 random digits | 2 check digits
 *     format version         ISO/IEC 7064 MOD 97-10 over the 22 digits before
 *
 * 21 random digits are 69 bits: not to be guessed. The check digits tell a misread from a foreign code.
 */
declare const brand: unique symbol
export type UnlockCode = string & { readonly [brand]: 'UnlockCode' }

export const UNLOCK_CODE_DIGITS = 24
const RANDOM_DIGITS = 21
const FORMAT_VERSION = '1'

/** How a code is drawn on the user's screen (REQ-15). */
export type Symbology = 'qr' | 'code128'

/** Uniform integers, 0 ≤ n < limit; a cryptographic source in production. */
export type RandomInteger = (limit: number) => number

function checkDigits(body: string): string {
  return String(98n - ((BigInt(body) * 100n) % 97n)).padStart(2, '0')
}

/** A new code from a cryptographic random source. */
export function createUnlockCode(randomInteger: RandomInteger): UnlockCode {
  let body = FORMAT_VERSION
  for (let i = 0; i < RANDOM_DIGITS; i++) body += String(randomInteger(10))
  return (body + checkDigits(body)) as UnlockCode
}

/** The code that a text is, or undefined for a misread: wrong length, version or check digits. */
export function parseUnlockCode(text: string): UnlockCode | undefined {
  if (!/^1\d{23}$/.test(text)) return undefined
  return BigInt(text) % 97n === 1n ? (text as UnlockCode) : undefined
}

/** What a lock finds when a text is held before its scanner. Only `fresh` opens it. */
export type ScanVerdict = 'fresh' | 'used' | 'expired' | 'foreign' | 'misread'
