import type { RandomInteger } from '../domain/unlock-code.js'

/** Error codes of the platform's API that this one gives, with the platform's wording. */
export const API_ERRORS = {
  40001: 'invalid credential, access_token is invalid or not latest',
  40002: 'invalid grant_type',
  40003: 'invalid openid',
  40004: 'invalid media type',
  40005: 'invalid file type',
  40007: 'invalid media_id',
  40008: 'invalid message type',
  40009: 'invalid image size',
  40013: 'invalid appid',
  40053: 'invalid action info',
  40125: 'invalid appsecret',
  41001: 'access_token missing',
  41005: 'media data missing',
  42001: 'access_token expired',
  45002: 'content size out of limit',
  45008: 'article size out of limit',
  45009: 'reach max api daily quota limit',
  45015: 'response out of time limit or subscription is canceled',
  45047: 'out of response count limit',
  47001: 'data format error',
} as const

export type ApiErrorCode = keyof typeof API_ERRORS

export interface ApiRefusal {
  readonly errcode: ApiErrorCode
}

/** Ends an errmsg: seconds in hex and two random words, by which Tencent finds a request. */
function requestId(nowMs: number, random: RandomInteger): string {
  const word = () => (random(0x1_0000) * 0x1_0000 + random(0x1_0000)).toString(16).padStart(8, '0')
  return `${Math.floor(nowMs / 1000).toString(16)}-${word()}-${word()}`
}

/** The body of a refusal; its HTTP status is 200. */
export function apiErrorBody(
  errcode: ApiErrorCode,
  nowMs: number,
  random: RandomInteger,
): { errcode: number; errmsg: string } {
  return { errcode, errmsg: `${API_ERRORS[errcode]} rid: ${requestId(nowMs, random)}` }
}
