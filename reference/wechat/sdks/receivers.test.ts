import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test, type TestContext } from 'node:test'
import type { RequestHandler } from 'express'
import Koa from 'koa'
import type * as Easywechat from 'node-easywechat'
import type { PushMode } from '../push/push-sealing.js'
import { platformWorld } from '../fixtures/platform-world.js'

const require = createRequire(import.meta.url)
const { OfficialAccount, ServerRequest } = require('node-easywechat') as typeof Easywechat
type Message = Readonly<Record<string, unknown>>
const coWechat = require('co-wechat') as (config: object) => {
  middleware(handle: (message: Message) => Promise<string | object>): Koa.Middleware
}

const AES_KEY = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG'
const say = (message: Message) =>
  `${String(message['MsgType'])}:${String(message['Content'] ?? message['Event'] ?? message['Label'])}`

/** An account's server in Koa, as co-wechat's manual has it. */
function coWechatServer(mode: PushMode, heard: Message[]): RequestHandler {
  const app = new Koa()
  app.silent = true
  const keys = mode === 'plain' ? {} : { appid: 'wx1', encodingAESKey: AES_KEY }
  app.use(
    coWechat({ token: 'AAAAA', ...keys }).middleware(async (message) => {
      heard.push(message)
      return message['Content'] === 'news'
        ? [{ title: 'B-17', description: 'd', picurl: 'http://p.example/', url: 'http://u.example/' }]
        : say(message)
    }),
  )
  const handle = app.callback()
  return (request, response) => void handle(request, response)
}

/** An account's server as node-easywechat's manual has it. */
function easywechatServer(mode: PushMode, heard: Message[]): RequestHandler {
  return (request, response, next) => {
    const answer = async () => {
      const chunks: Buffer[] = []
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
      const aes_key = mode === 'plain' ? '' : AES_KEY
      const app = new OfficialAccount({ app_id: 'wx1', secret: 's', token: 'AAAAA', aes_key })
      const headers = request.headers as Record<string, string>
      app.setRequest(new ServerRequest(request.method, request.url, headers, Buffer.concat(chunks)))
      const server = app.getServer()
      server.with(async (message: unknown) => {
        heard.push(message as Message)
        return (message as Message)['Content'] === 'news'
          ? {
              MsgType: 'news',
              ArticleCount: 1,
              Articles: { item: { Title: 'B-17', Description: 'd', PicUrl: '', Url: 'http://u.example/' } },
            }
          : say(message as Message)
      })
      const reply = await server.serve()
      response.status(reply.getStatusCode()).send(reply.getBody().toString())
    }
    answer().catch(next)
  }
}

const SERVERS = { 'co-wechat': coWechatServer, 'node-easywechat': easywechatServer }

async function converse(t: TestContext, name: keyof typeof SERVERS, mode: PushMode) {
  const heard: Message[] = []
  const world = await platformWorld(t, {
    account: { mode, aesKey: AES_KEY },
    server: SERVERS[name](mode, heard),
  })
  const openid = await world.follower()
  await world.phone(openid, 'text', { content: '北京西站' })
  await world.settled()
  await world.phone(openid, 'text', { content: 'news' })
  await world.settled()
  await world.phone(openid, 'location', { latitude: 39.9, longitude: 116.4, label: '西站' })
  await world.settled()
  return { ...world, heard, openid }
}

for (const name of Object.keys(SERVERS) as (keyof typeof SERVERS)[]) {
  for (const mode of ['plain', 'compatible', 'safe'] as const) {
    test(`${name} takes pushes in ${mode} mode, and its answers are good`, async (t) => {
      const { conversation, heard, openid, reasons } = await converse(t, name, mode)
      assert.deepEqual(reasons(), [])
      const said = (await conversation(openid)).messages.filter(({ from }) => from === 'account')
      assert.deepEqual(
        said.map(({ kind, text, url }) => [kind, text, url]),
        [
          ['text', 'event:subscribe', undefined],
          ['text', 'text:北京西站', undefined],
          ['news', 'B-17\nd', 'http://u.example/'],
          ['text', 'location:西站', undefined],
        ],
      )
      assert.deepEqual([heard[3]?.['Location_X'], heard[3]?.['Label']].map(String), ['39.900000', '西站'])
      assert.match(String(heard[1]?.['MsgId']), /^\d{19}$/)
    })
  }
}
