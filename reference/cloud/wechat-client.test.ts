import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import nock from 'nock'
import { WeChatClient } from './wechat-client.js'
import { WeChatApiError, WeChatUnreachable } from './wechat-errors.js'

const API = 'https://api.weixin.example'
const TEXT = { msgtype: 'text', text: { content: '好' } } as const

let now = 0
/** Wall time, by which the client backs off. */
let wallMs = 0
function client(timeoutMs = 5000) {
  return new WeChatClient(
    { apiUrl: API, appId: 'wx1', secret: 's', timeoutMs },
    { now: () => now, at: () => () => undefined },
    () => wallMs,
  )
}

function token(text: string, force = false) {
  return nock(API)
    .post('/cgi-bin/stable_token', {
      grant_type: 'client_credential',
      appid: 'wx1',
      secret: 's',
      force_refresh: force,
    })
    .reply(200, { access_token: text, expires_in: 7200 })
}

function send(text: string) {
  return nock(API, { reqheaders: { 'x-correlation-id': 'wx-1' } })
    .post('/cgi-bin/message/custom/send', { touser: 'o1', ...TEXT })
    .query({ access_token: text })
}

const refusal = (errcode: number) => ({ errcode, errmsg: `no rid: 1-2-3` })

beforeEach(() => {
  nock.cleanAll()
  nock.disableNetConnect()
  now = 1_000_000
})

test('many callers share one token and one refresh, until its last five minutes', async () => {
  token('t1')
  send('t1').times(3).reply(200, { errcode: 0, errmsg: 'ok' })
  const wechat = client()
  await Promise.all([1, 2].map(() => wechat.sendMessage('o1', TEXT, 'wx-1')))
  now += 6_899_000
  await wechat.sendMessage('o1', TEXT, 'wx-1')
  assert.ok(nock.isDone())
  now += 1_000
  token('t2')
  send('t2').reply(200, { errcode: 0 })
  await wechat.sendMessage('o1', TEXT, 'wx-1')
  assert.ok(nock.isDone())
})

for (const errcode of [40001, 40014, 42001]) {
  test(`${errcode} is healed once, with the platform’s newer token`, async () => {
    token('t1')
    send('t1').reply(200, refusal(errcode))
    token('t2')
    send('t2').reply(200, { errcode: 0 })
    await client().sendMessage('o1', TEXT, 'wx-1')
    assert.ok(nock.isDone())
  })

  test(`${errcode} again is an error, not a loop`, async () => {
    token('t1')
    send('t1').reply(200, refusal(errcode))
    token('t2')
    send('t2').reply(200, refusal(errcode))
    await assert.rejects(client().sendMessage('o1', TEXT, 'wx-1'), { name: 'WeChatApiError', errcode })
    assert.ok(nock.isDone())
  })
}

test('when the platform still gives the failed token, a new one is forced', async () => {
  token('t1')
  send('t1').reply(200, refusal(40001))
  token('t1')
  token('t2', true)
  send('t2').reply(200, { errcode: 0 })
  await client().sendMessage('o1', TEXT, 'wx-1')
  assert.ok(nock.isDone())
})

for (const errcode of [-1, 40003, 40004, 40007, 41001, 43002, 44002, 45009, 45015, 45047, 47001, 48001]) {
  test(`${errcode} is told as what it is, without another try`, async () => {
    token('t1')
    send('t1').reply(200, JSON.stringify(refusal(errcode)), { 'content-type': 'text/plain' })
    await assert.rejects(client().sendMessage('o1', TEXT, 'wx-1'), (error) => {
      assert.ok(error instanceof WeChatApiError)
      assert.equal(error.errcode, errcode)
      return true
    })
    assert.ok(nock.isDone())
  })
}

for (const errcode of [-1, 40013, 40125, 40164, 45009, 45011]) {
  test(`${errcode}: a token that is not given is an error of every caller`, async () => {
    nock(API).post('/cgi-bin/stable_token').reply(200, refusal(errcode))
    await assert.rejects(client().sendMessage('o1', TEXT, 'wx-1'), { errcode, call: 'stable_token' })
  })
}

test('a timeout is named, and the message is not sent again', async () => {
  token('t1')
  send('t1').delay(60_000).reply(200, { errcode: 0 })
  const wechat = client(100)
  const failed = assert.rejects(wechat.sendMessage('o1', TEXT, 'wx-1'), (error) => {
    assert.ok(error instanceof WeChatUnreachable)
    assert.ok(!error.message.includes('t1'), 'the token is not told')
    return true
  })
  await failed
  nock.abortPendingRequests()
})

test('an HTTP error and an answer that is no JSON are named', async () => {
  token('t1')
  send('t1').reply(502, 'bad gateway')
  const wechat = client()
  await assert.rejects(wechat.sendMessage('o1', TEXT, 'wx-1'), /HTTP 502/)
  send('t1').reply(200, '<html>')
  await assert.rejects(wechat.sendMessage('o1', TEXT, 'wx-1'), WeChatUnreachable)
})

test('a picture goes up as the field media', async () => {
  token('t1')
  nock(API)
    .post('/cgi-bin/media/upload', /name="media"; filename="code.png"/)
    .query({ access_token: 't1', type: 'image' })
    .reply(200, { type: 'image', media_id: 'm1', created_at: 1 })
  assert.equal(await client().uploadImage(new Uint8Array([1]), 'wx-1'), 'm1')
})

test('a token that is not given is not asked for again at once, by however many callers', async () => {
  nock(API).post('/cgi-bin/stable_token').reply(200, refusal(40164))
  const wechat = client()
  const failing = [1, 2, 3].map(() =>
    assert.rejects(wechat.sendMessage('o1', TEXT, 'wx-1'), { name: 'WeChatApiError', errcode: 40164 }),
  )
  await Promise.all(failing)
  wallMs += 499
  await assert.rejects(wechat.sendMessage('o1', TEXT, 'wx-1'), { errcode: 40164 })
  assert.ok(nock.isDone())
  wallMs += 1
  token('t1')
  send('t1').reply(200, { errcode: 0 })
  await wechat.sendMessage('o1', TEXT, 'wx-1')
  assert.ok(nock.isDone())
})

test('many callers whose token was ended get one new token, and each message goes out once', async () => {
  token('t1')
  send('t1').times(5).reply(200, refusal(40001))
  token('t2')
  send('t2').times(5).reply(200, { errcode: 0 })
  const wechat = client()
  await Promise.all([1, 2, 3, 4, 5].map(() => wechat.sendMessage('o1', TEXT, 'wx-1')))
  assert.ok(nock.isDone())
})

test('a connection that breaks after the message was sent does not send it again', async () => {
  token('t1')
  send('t1').replyWithError('socket hang up')
  await assert.rejects(client().sendMessage('o1', TEXT, 'wx-1'), WeChatUnreachable)
  assert.ok(nock.isDone())
})

test('the menu goes up as JSON', async () => {
  token('t1')
  nock(API)
    .post('/cgi-bin/menu/create', { button: [] })
    .query({ access_token: 't1' })
    .reply(200, { errcode: 0 })
  await client().createMenu({ button: [] }, 'wx-1')
  assert.ok(nock.isDone())
})
