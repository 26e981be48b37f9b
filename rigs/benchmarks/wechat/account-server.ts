import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { signPush } from '../../../reference/wechat-wire/push-signature.js'
import { PushCipher } from '../../../reference/wechat-wire/push-cipher.js'
import { writeXml } from '../../../reference/wechat-wire/strict-xml.js'
import { ACCOUNT } from './orders.js'

/** The server of an account, which answers every push with a text; it tells when each user's push was answered. */
export async function openAccountServer(mode: 'plain' | 'safe') {
  const answered = new Map<string, () => void>()
  const cipher = new PushCipher(ACCOUNT.aesKey, ACCOUNT.appId)

  function reply(query: URLSearchParams): string {
    const CreateTime = Math.floor(Date.now() / 1000)
    const ToUserName = query.get('openid') ?? ''
    const plain = writeXml({
      ToUserName,
      FromUserName: ACCOUNT.originalId,
      CreateTime,
      MsgType: 'text',
      Content: '好的',
    })
    if (mode === 'plain') return plain
    const Encrypt = cipher.encrypt(plain, Buffer.alloc(16, 1))
    const [timestamp, Nonce] = [query.get('timestamp') ?? '', query.get('nonce') ?? '']
    const MsgSignature = signPush(ACCOUNT.token, timestamp, Nonce, Encrypt)
    return writeXml({ Encrypt, MsgSignature, TimeStamp: { bare: timestamp }, Nonce })
  }

  function answer(query: URLSearchParams, response: ServerResponse): void {
    const body = reply(query)
    response.writeHead(200, { 'content-type': 'application/xml', 'content-length': Buffer.byteLength(body) })
    response.end(body)
    const openid = query.get('openid') ?? ''
    const done = answered.get(openid)
    answered.delete(openid)
    done?.()
  }

  const server = createServer((request, response) => {
    const query = new URL(request.url ?? '/', 'http://account').searchParams
    if (request.method === 'GET') return void response.end(query.get('echostr'))
    request.resume().once('end', () => answer(query, response))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    /** Resolves when the next push about this user has been answered. */
    next: (openid: string) => new Promise<void>((resolve) => answered.set(openid, resolve)),
    close: () => new Promise<void>((resolve) => server.close(() => resolve()).closeAllConnections()),
  }
}
