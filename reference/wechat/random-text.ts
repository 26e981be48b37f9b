import type { RandomInteger } from '../domain/unlock-code.js'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** Letters, digits, "-" and "_": 6 bits each. */
export function randomText(length: number, random: RandomInteger): string {
  return Array.from({ length }, () => ALPHABET[random(ALPHABET.length)]).join('')
}
