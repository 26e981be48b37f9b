import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { test, type TestContext } from 'node:test'
import express, { type Request, type Response } from 'express'
import { messageCheck } from '../contracts/contract.js'
import type { PhoneConversation } from '../contracts/phone-api.js'
import { serveHttp } from '../http/serve-http.js'
import { CallbackRefused, SERVICE_FAILED } from './push-channel.js'
import { signPush } from './push-signature.js'
import { startWeChatPlatform } from './wechat.js'

const ACCOUNT = { appId: 'wx1', secret: 'the-secret', token: 'AAAAA', originalId: 'gh_1' }
const checkConversation = messageCheck<PhoneConversation>('phone.openapi', 'Conversation')

/** A platform, and an account's server whose answers the test gives. */
async function world(
  t: TestContext,
  answer: (request: Request, response: Response) => void,
  pushTimeoutMs = 5000,
) {
  let now = Date.parse('2026-01-01T00:00:00Z')
  const app = express()
  app.use(express.text({ type: () => true }))
  app.get('/', (request, response) => void response.send(request.query['echostr']))
  app.post('/', answer)
  const server = await serveHttp(app, { host: '127.0.0.1', port: 0 })
  const wechat = await startWeChatPlatform(
    {
      host: '127.0.0.1',
      port: 0,
      accounts: [{ ...ACCOUNT, callbackUrl: server.url }],
      pushTimeoutMs,
      controlToken: 'control',
    },
    {
      clock: { now: () => now, at: () => () => undefined },
      log: { record: () => undefined },
      random: (limit) => randomInt(limit),
    },
  )
  t.after(async () => {
    await wechat.close()
    await server.close()
  })
  const json = async (path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const init = body
      ? {
          method: 'POST',
          body: JSON.stringify(body),
          headers: { 'content-type': 'application/json', ...headers },
        }
      : {}
    const response = await fetch(wechat.url + path, init)
    const text = await response.text()
    return { status: response.status, body: (text ? JSON.parse(text) : undefined) as Record<string, unknown> }
  }
  const user = async (device = 'phone') => String((await json('/phone/users', { device })).body['openid'])
  const settled = () => fetch(`${wechat.url}/phone/settled`)
  const conversation = async (openid: string, query = '') =>
    checkConversation((await json(`/phone/users/${openid}/conversation?appId=wx1${query}`)).body)
  const accessToken = async () =>
    String(
      (
        await json('/cgi-bin/stable_token', {
          grant_type: 'client_credential',
          appid: 'wx1',
          secret: 'the-secret',
        })
      ).body['access_token'],
    )
  return {
    wechat,
    server,
    json,
    user,
    settled,
    conversation,
    accessToken,
    pass: (seconds: number) => (now += seconds * 1000),
  }
}

const textReply = (request: Request, content: string) => {
  const { openid } = request.query as Record<string, string>
  return `<xml><ToUserName><![CDATA[${openid}]]></ToUserName><FromUserName><![CDATA[gh_1]]></FromUserName><CreateTime>1</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[${content}]]></Content></xml>`
}

test('a text is pushed, signed, and its answer shown', async (t) => {
  const pushes: { xml: string; query: Record<string, string> }[] = []
  const { json, user, settled, conversation } = await world(t, (request, response) => {
    pushes.push({ xml: request.body as string, query: request.query as Record<string, string> })
    response.send(textReply(request, '好的'))
  })
  const openid = await user('tablet')
  await json(`/phone/users/${openid}/subscribe`, { appId: 'wx1', scene: 'car-1' })
  await settled()
  await json(`/phone/users/${openid}/text`, { appId: 'wx1', content: '北京 ]]> <西站>' })
  await settled()
  assert.match(
    pushes[0]?.xml ?? '',
    /<Event><!\[CDATA\[subscribe\]\]><\/Event><EventKey><!\[CDATA\[qrscene_car-1\]\]><\/EventKey><Ticket>/,
  )
  const push = pushes[1]
  assert.ok(push)
  const { signature, timestamp = '', nonce = '' } = push.query
  assert.equal(signature, signPush('AAAAA', timestamp, nonce))
  assert.equal(push.query['openid'], openid)
  assert.match(push.xml, /<MsgId>\d{19}<\/MsgId>/)
  assert.ok(push.xml.includes('北京 ]]]]><![CDATA[> <西站>'))
  const seen = await conversation(openid)
  assert.equal(seen.device, 'tablet')
  assert.deepEqual(
    seen.messages.map(({ from, kind, text }) => [from, kind, text]),
    [
      ['account', 'text', '好的'],
      ['user', 'text', '北京 ]]> <西站>'],
      ['account', 'text', '好的'],
    ],
  )
})

test('a location gives its latitude as Location_X', async (t) => {
  let xml = ''
  const { json, user, settled } = await world(t, (request, response) => {
    xml = request.body as string
    response.send('success')
  })
  const openid = await user()
  await json(`/phone/users/${openid}/subscribe`, { appId: 'wx1' })
  await settled()
  await json(`/phone/users/${openid}/location`, {
    appId: 'wx1',
    latitude: 39.9,
    longitude: 116.4,
    label: '西站',
  })
  await settled()
  assert.match(xml, /<Location_X>39\.900000<\/Location_X><Location_Y>116\.400000<\/Location_Y>/)
})

test('an unanswered push comes three times, the same, and then the user sees a notice', async (t) => {
  const ids: (string | undefined)[] = []
  const { json, user, settled, conversation } = await world(
    t,
    (request, response) => {
      if (/subscribe/.test(request.body as string)) return void response.send('')
      ids.push(/<CreateTime>.*<\/CreateTime>.*<MsgId>.*<\/MsgId>/.exec(request.body as string)?.[0])
      // two connections break, the third delivery is never answered
      if (ids.length < 3) response.destroy()
    },
    1000,
  )
  const openid = await user()
  await json(`/phone/users/${openid}/subscribe`, { appId: 'wx1' })
  await settled()
  await json(`/phone/users/${openid}/text`, { appId: 'wx1', content: 'a' })
  await settled()
  assert.equal(ids.length, 3)
  assert.equal(new Set(ids).size, 1)
  const last = (await conversation(openid)).messages.at(-1)
  assert.deepEqual([last?.kind, last?.text], ['notice', SERVICE_FAILED])
})

test('garbage is answered with a notice and not delivered again', async (t) => {
  let pushes = 0
  const { json, user, settled, conversation } = await world(t, (_request, response) => {
    pushes += 1
    response.json({ errcode: 0 })
  })
  const openid = await user()
  await json(`/phone/users/${openid}/subscribe`, { appId: 'wx1' })
  await settled()
  assert.equal(pushes, 1)
  assert.equal((await conversation(openid)).messages[0]?.kind, 'notice')
})

test('with the fault switched, an answered push is delivered again', async (t) => {
  let pushes = 0
  const { json, user, settled } = await world(t, (_request, response) => {
    pushes += 1
    response.send('success')
  })
  assert.equal((await json('/phone/faults', { repeatDeliveries: 3 })).status, 401)
  const control = { authorization: 'Bearer control' }
  assert.equal((await json('/phone/faults', { repeatDeliveries: 3 }, control)).status, 204)
  const openid = await user()
  await json(`/phone/users/${openid}/subscribe`, { appId: 'wx1' })
  await settled()
  assert.equal(pushes, 3)
})

test('a callback that does not echo is refused by name', async (t) => {
  const { wechat } = await world(t, (_request, response) => void response.send(''))
  await assert.rejects(wechat.connectCallback('wx1', `${wechat.url}/phone/settled`), (error) => {
    assert.ok(error instanceof CallbackRefused)
    assert.match(error.message, /HTTP 204/)
    return true
  })
})

test('a reader waits for the next message', async (t) => {
  const { json, user, settled, conversation, accessToken } = await world(
    t,
    (_request, response) => void response.send(''),
  )
  const openid = await user()
  await json(`/phone/users/${openid}/subscribe`, { appId: 'wx1' })
  await settled()
  const waiting = conversation(openid, '&after=0&waitMs=60000')
  const token = await accessToken()
  const sent = await json(`/cgi-bin/message/custom/send?access_token=${token}`, {
    touser: openid,
    msgtype: 'text',
    text: { content: '车位已预约' },
  })
  assert.deepEqual(sent.body, { errcode: 0, errmsg: 'ok' })
  assert.equal((await waiting).messages[0]?.text, '车位已预约')
})

test('a picture is uploaded, sent, and seen by the phone', async (t) => {
  const { wechat, json, user, settled, conversation, accessToken } = await world(
    t,
    (_request, response) => void response.send(''),
  )
  const openid = await user()
  await json(`/phone/users/${openid}/subscribe`, { appId: 'wx1' })
  await settled()
  const token = await accessToken()
  const png = Buffer.from('89504e470d0a1a0a00', 'hex')
  const upload = async (type: string, bytes: Uint8Array<ArrayBuffer>) => {
    const form = new FormData()
    form.set('media', new Blob([bytes]), 'code.png')
    const url = `${wechat.url}/cgi-bin/media/upload?access_token=${token}&type=${type}`
    return (await (await fetch(url, { method: 'POST', body: form })).json()) as Record<string, unknown>
  }
  assert.equal((await upload('image', new Uint8Array([1, 2])))['errcode'], 40005)
  assert.equal((await upload('hologram', new Uint8Array(png)))['errcode'], 40004)
  const { media_id } = await upload('image', new Uint8Array(png))
  await json(`/cgi-bin/message/custom/send?access_token=${token}`, {
    touser: openid,
    msgtype: 'image',
    image: { media_id },
  })
  const [message] = (await conversation(openid)).messages
  assert.equal(message?.kind, 'image')
  const picture = await fetch(`${wechat.url}/phone/media/${message.mediaId}`)
  assert.equal(picture.headers.get('content-type'), 'image/png')
  assert.deepEqual(Buffer.from(await picture.arrayBuffer()), png)
})

test('refusals come with HTTP 200, the platform’s code and a rid', async (t) => {
  const { json, user, settled, accessToken, pass } = await world(
    t,
    (_request, response) => void response.send(''),
  )
  const token = await accessToken()
  const openid = await user()
  const text = { msgtype: 'text', text: { content: 'a' } }
  const send = (query: string, body: unknown) => json(`/cgi-bin/message/custom/send${query}`, body)
  const good = `?access_token=${token}`
  const asked: [number, Promise<{ status: number; body: Record<string, unknown> }>][] = [
    [41001, send('', { touser: openid, ...text })],
    [40001, send('?access_token=x', { touser: openid, ...text })],
    [40003, send(good, { touser: 'nobody', ...text })],
    [45015, send(good, { touser: openid, ...text })],
    [40007, send(good, { touser: openid, msgtype: 'image', image: { media_id: 'x' } })],
    [47001, send(good, 'not an object')],
    [40013, json('/cgi-bin/token?grant_type=client_credential&appid=wx9&secret=x')],
    [40125, json('/cgi-bin/token?grant_type=client_credential&appid=wx1&secret=x')],
    [40007, json(`/cgi-bin/media/get${good}&media_id=x`)],
  ]
  for (const [errcode, answer] of asked) {
    const { status, body } = await answer
    assert.deepEqual([status, body['errcode']], [200, errcode])
    assert.match(String(body['errmsg']), / rid: [0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}$/)
  }
  await json(`/phone/users/${openid}/subscribe`, { appId: 'wx1' })
  await settled()
  await json(`/phone/users/${openid}/text`, { appId: 'wx1', content: 'a' })
  const codes: unknown[] = []
  for (let i = 0; i < 9; i++) codes.push((await send(good, { touser: openid, ...text })).body['errcode'])
  assert.deepEqual(codes, [0, 0, 0, 0, 0, 0, 0, 0, 45047])
  pass(7200)
  assert.equal((await send(good, { touser: openid, ...text })).body['errcode'], 42001)
})
