import { Agent, request } from 'node:http'
import type { PushHandler } from './same-handler.js'

/** A push as WeChat writes it; nothing of it is computed. */
const PUSH = (openid: string) =>
  `<xml><ToUserName><![CDATA[gh_bench]]></ToUserName><FromUserName><![CDATA[${openid}]]></FromUserName>` +
  `<CreateTime>1767225600</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[停车]]></Content>` +
  `<MsgId>4611686018427387905</MsgId></xml>`

/** What no server can do without: bytes go out, and bytes that nobody reads come back. */
export function passBytes(callbackUrl: string): PushHandler {
  const agent = new Agent({ keepAlive: true })
  return {
    send(openid) {
      const body = PUSH(openid)
      const url = new URL(callbackUrl)
      url.searchParams.set('openid', openid)
      const headers = { 'content-type': 'text/xml', 'content-length': Buffer.byteLength(body) }
      request(url, { method: 'POST', agent, headers }, (response) => response.resume()).end(body)
    },
    conversation: () => [],
    settled: () => Promise.resolve(),
    close: () => agent.destroy(),
  }
}
