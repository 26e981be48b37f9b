import type { WeChatState } from '../state/wechat-state.js'
import type { ApiErrorCode, ApiRefusal } from './api-error.js'
import type { WeChatAccount } from '../wechat-config.js'

/** A call of the API, as it reaches the code that carries it out: method, token, quota and form are in order. */
export interface ApiRequest {
  readonly account: WeChatAccount
  readonly query: Readonly<Record<string, unknown>>
  /** The JSON body; empty when the call has none. */
  readonly body: object
  /** The field `media` of a form; none when the call has no form, or the form no such file. */
  readonly file: Uint8Array | undefined
  readonly state: WeChatState
  /** Business time, ms. */
  readonly nowMs: number
  /** Base of the URLs that the platform gives out. */
  readonly baseUrl: string
}

export interface FileAnswer {
  readonly contentType: string
  readonly bytes: Buffer
}

export type ApiAnswer = ApiRefusal | { readonly json: object } | { readonly file: FileAnswer }

export interface ApiCall {
  readonly method: 'GET' | 'POST' | 'any'
  readonly path: string
  /** Calls a day. */
  readonly perDay: number
  readonly body?: 'json' | 'form'
  run(request: ApiRequest): ApiAnswer | Promise<ApiAnswer>
}

export const DONE: ApiAnswer = { json: { errcode: 0, errmsg: 'ok' } }

export const refuse = (errcode: ApiErrorCode, detail?: string): ApiRefusal => ({
  errcode,
  ...(detail !== undefined && { detail }),
})
