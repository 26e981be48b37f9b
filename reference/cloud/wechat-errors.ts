/** Thrown when the API answers with an errcode. */
export class WeChatApiError extends Error {
  override readonly name = 'WeChatApiError'
  constructor(
    readonly call: string,
    readonly errcode: number,
    readonly errmsg: string,
  ) {
    super(`WeChat refused ${call} with ${errcode}: ${errmsg}`)
  }
}

/** Thrown when the API gives no readable answer in time; whether the call had its effect is not known. */
export class WeChatUnreachable extends Error {
  override readonly name = 'WeChatUnreachable'
  constructor(call: string, found: string, options?: ErrorOptions) {
    super(`WeChat gave no answer to ${call}: ${found}; is wechat.apiUrl right and reachable?`, options)
  }
}
