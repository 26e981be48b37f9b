import type { RandomInteger } from '../../domain/unlock-code.js'

/** Error codes of the platform's API that this one gives, with the platform's wording. */
export const API_ERRORS = {
  [-1]: 'system error',
  40001:
    'invalid credential, access_token is invalid or not latest, could get access_token by getStableAccessToken',
  40002: 'invalid grant_type',
  40003: 'invalid openid',
  40004: 'invalid media type',
  40005: 'invalid file type',
  40007: 'invalid media_id',
  40008: 'invalid message type',
  40009: 'invalid image size',
  40010: 'invalid voice size',
  40011: 'invalid video size',
  40012: 'invalid thumb size',
  40013: 'invalid appid',
  40014: 'invalid access_token',
  40016: 'invalid button size',
  40017: 'invalid button type',
  40018: 'invalid button name size',
  40019: 'invalid button key size',
  40020: 'invalid button url size',
  40023: 'invalid sub button size',
  40024: 'invalid sub button type',
  40025: 'invalid sub button name size',
  40026: 'invalid sub button key size',
  40027: 'invalid sub button url size',
  40029: 'invalid code',
  40030: 'invalid refresh_token',
  40032: 'invalid openid list size',
  40037: 'invalid template_id',
  40052: 'invalid action',
  40053: 'invalid action info',
  40066: 'invalid url',
  40097: 'invalid args',
  40125: 'invalid appsecret',
  40163: 'code been used',
  40164: 'invalid ip',
  41001: 'access_token missing',
  41002: 'appid missing',
  41004: 'appsecret missing',
  41005: 'media data missing',
  41006: 'media_id missing',
  41008: 'missing code',
  41009: 'missing openid',
  42001: 'access_token expired',
  42002: 'refresh_token expired',
  43001: 'require GET method',
  43002: 'require POST method',
  43004: 'require subscribe',
  43101: 'user refuse to accept the msg',
  44002: 'empty post data',
  44003: 'empty news data',
  44004: 'empty content',
  45002: 'content size out of limit',
  45008: 'article size out of limit',
  45009: 'reach max api daily quota limit',
  45011: 'api minute-quota reach limit, must slower, retry next minute',
  45015: 'response out of time limit or subscription is canceled',
  45047: 'out of response count limit',
  46003: 'menu no exist',
  47001: 'data format error',
  47003: 'argument invalid!',
  48001: 'api unauthorized',
  48006: 'forbid to clear quota because of reaching the limit',
} as const

export type ApiErrorCode = keyof typeof API_ERRORS

export interface ApiRefusal {
  readonly errcode: ApiErrorCode
  /** What exactly, after the platform's wording. */
  readonly detail?: string
}

export const isRefusal = (answer: object): answer is ApiRefusal => 'errcode' in answer && answer.errcode !== 0

/** Ends an errmsg: seconds in hex and two random words, by which Tencent finds a request. */
function requestId(nowMs: number, random: RandomInteger): string {
  const word = () => (random(0x1_0000) * 0x1_0000 + random(0x1_0000)).toString(16).padStart(8, '0')
  return `${Math.floor(nowMs / 1000).toString(16)}-${word()}-${word()}`
}

/** The body of a refusal; its HTTP status is 200. */
export function apiErrorBody(
  { errcode, detail }: ApiRefusal,
  nowMs: number,
  random: RandomInteger,
): { errcode: number; errmsg: string } {
  const said = detail === undefined ? API_ERRORS[errcode] : `${API_ERRORS[errcode]} ${detail}`
  return { errcode, errmsg: `${said} rid: ${requestId(nowMs, random)}` }
}
