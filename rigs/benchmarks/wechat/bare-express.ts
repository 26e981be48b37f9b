import express, { type Express } from 'express'
import { serveHttp } from '../../../reference/http/serve-http.js'
import type { Order } from './orders.js'
import { passBytes } from './pass-bytes.js'
import { SameHandler } from './same-handler.js'

/** What user/info answers, with nothing looked up. */
const USER = {
  nickname: '',
  headimgurl: '',
  language: 'zh_CN',
  subscribe_time: 1767225600,
  remark: '',
  groupid: 0,
  tagid_list: [],
  subscribe_scene: 'ADD_SCENE_SEARCH',
  qr_scene: 0,
  qr_scene_str: '',
}

function addCalls(app: Express): void {
  app.all('/cgi-bin/user/info', express.raw({ type: () => true }), (incoming, response) => {
    response.json({ subscribe: 1, openid: incoming.query['openid'], ...USER })
  })
  app.post('/cgi-bin/stable_token', (_request, response) => {
    response.json({ access_token: 'token', expires_in: 7200 })
  })
}

/** The peer on bare Express: nothing is checked by a contract, counted, or kept in a store, and no fault can be set. */
export async function openBareExpress({ kind, mode, callbackUrl }: Order) {
  const app = express()
  app.disable('x-powered-by').disable('etag')
  const handler = kind === 'express' ? new SameHandler(mode, callbackUrl) : passBytes(callbackUrl)
  let users = 0
  app.post('/phone/users', express.json(), (_request, response) => {
    response.status(201).json({ openid: `o-${++users}` })
  })
  app.post('/phone/users/:openid/subscribe', express.json(), (_request, response) => {
    response.status(202).end()
  })
  app.post('/phone/users/:openid/text', express.json(), (incoming, response) => {
    const { content } = incoming.body as { content: string }
    handler.send(incoming.params['openid'] ?? '', content)
    response.status(202).end()
  })
  app.get('/phone/users/:openid/conversation', (incoming, response) => {
    response.json({ messages: handler.conversation(incoming.params.openid) })
  })
  app.get('/phone/settled', async (_request, response) => {
    await handler.settled()
    response.status(204).end()
  })
  addCalls(app)
  const server = await serveHttp(app, { host: '127.0.0.1', port: 0 })
  return {
    url: server.url,
    async close() {
      handler.close()
      await server.close()
    },
  }
}
