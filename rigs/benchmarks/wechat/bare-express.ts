import { Agent, request } from 'node:http'
import express from 'express'
import { serveHttp } from '../../../reference/http/serve-http.js'

/** A push as WeChat writes it; nothing of it is computed. */
const PUSH = (openid: string) =>
  `<xml><ToUserName><![CDATA[gh_bench]]></ToUserName><FromUserName><![CDATA[${openid}]]></FromUserName>` +
  `<CreateTime>1767225600</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[停车]]></Content>` +
  `<MsgId>4611686018427387905</MsgId></xml>`

/**
 * The same wires on bare Express: a text of a phone is passed to the account's server, and a call of the API gets an
 * answer of the same size. Nothing is signed, checked, counted or kept.
 */
export async function openBareExpress(callbackUrl: string) {
  const agent = new Agent({ keepAlive: true })
  const app = express()
  app.disable('x-powered-by').disable('etag')

  function push(openid: string): void {
    const body = PUSH(openid)
    const url = new URL(callbackUrl)
    url.searchParams.set('openid', openid)
    const headers = { 'content-type': 'text/xml', 'content-length': Buffer.byteLength(body) }
    request(url, { method: 'POST', agent, headers }, (response) => response.resume()).end(body)
  }

  let users = 0
  app.post('/phone/users', express.json(), (_request, response) => {
    response.status(201).json({ openid: `o-${++users}` })
  })
  app.post('/phone/users/:openid/subscribe', express.json(), (_request, response) => {
    response.status(202).end()
  })
  app.post('/phone/users/:openid/text', express.json(), (incoming, response) => {
    push(String(incoming.params['openid']))
    response.status(202).end()
  })
  app.all('/cgi-bin/user/info', express.raw({ type: () => true }), (incoming, response) => {
    const { openid } = incoming.query
    response.json({
      ...{
        subscribe: 1,
        openid,
        nickname: '',
        headimgurl: '',
        language: 'zh_CN',
        subscribe_time: 1767225600,
      },
      ...{
        remark: '',
        groupid: 0,
        tagid_list: [],
        subscribe_scene: 'ADD_SCENE_SEARCH',
        qr_scene: 0,
        qr_scene_str: '',
      },
    })
  })
  app.post('/cgi-bin/stable_token', (_request, response) => {
    response.json({ access_token: 'token', expires_in: 7200 })
  })
  const server = await serveHttp(app, { host: '127.0.0.1', port: 0 })
  return {
    url: server.url,
    async close() {
      agent.destroy()
      await server.close()
    },
  }
}
