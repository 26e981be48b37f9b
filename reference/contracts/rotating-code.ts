import { createHmac } from 'node:crypto'
import { codeOf, RANDOM_DIGITS, type UnlockCode } from '../domain/unlock-code.js'

/** A code is new every so often, seconds of business time (Google Wallet and SafeTix: 15 s). */
export const ROTATION_SECONDS = 15

/** What a rotating code is bound to. */
export interface RotatingSource {
  /** 32 random bytes of one reservation, base64url; lock and user's side have them, nobody else. */
  readonly rotatingKey: string
  readonly lockId: string
  readonly reservationId: string
}

/** The time step that an instant lies in. @param atMs epoch milliseconds */
export const rotationStep = (atMs: number) => Math.floor(atMs / (ROTATION_SECONDS * 1_000))

/**
 * The code of a step: HMAC-SHA-256 over lock, reservation and step, as 21 digits (RFC 6238's scheme with more digits:
 * 69 bits are not to be guessed, six digits are).
 */
export function rotatingCode(
  { rotatingKey, lockId, reservationId }: RotatingSource,
  step: number,
): UnlockCode {
  const bound = `lockstep-rotating-code\n${lockId}\n${reservationId}\n${step}`
  const mac = createHmac('sha256', Buffer.from(rotatingKey, 'base64url')).update(bound).digest('hex')
  const digits = (BigInt(`0x${mac}`) % 10n ** BigInt(RANDOM_DIGITS)).toString().padStart(RANDOM_DIGITS, '0')
  return codeOf('rotating', digits)
}
