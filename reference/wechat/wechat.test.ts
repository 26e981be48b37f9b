import assert from 'node:assert/strict'
import { test } from 'node:test'
import express from 'express'
import { serveHttp } from '../http/serve-http.js'
import { readXml, textOf } from '../wechat-wire/strict-xml.js'
import { ACCOUNT, platformWorld, textReply, openidOf } from './fixtures/platform-world.js'
import { checkWeChatSettings, WeChatSettingsInvalid, type WeChatAccount } from './wechat-config.js'

test('several accounts have their own tokens, followers, windows and servers', async (t) => {
  const second: WeChatAccount = {
    ...ACCOUNT,
    appId: 'wx2',
    secret: 'other',
    token: 'BBBBB',
    originalId: 'gh_2',
  }
  const app = express().use(express.text({ type: () => true }))
  app.get('/', (request, response) => void response.send(request.query['echostr']))
  app.post('/', (request, response) => {
    assert.equal(textOf(readXml(request.body as string), 'ToUserName'), 'gh_2')
    response.send(textReply(openidOf(request), 'from the second', 'gh_2'))
  })
  const server = await serveHttp(app, { host: '127.0.0.1', port: 0 })
  t.after(() => server.close())
  const first = { ...ACCOUNT }
  const world = await platformWorld(t, {
    config: { accounts: [first, { ...second, callbackUrl: server.url }] },
  })
  await world.wechat.connectCallback('wx1', world.server.url)
  const openid = await world.follower()
  await world.ask('POST', `/phone/users/${openid}/subscribe`, { appId: 'wx2' })
  await world.settled()
  const { body } = await world.ask('GET', `/phone/users/${openid}/conversation?appId=wx2`)
  assert.equal((body['messages'] as { text: string }[])[0]?.text, 'from the second')
  assert.deepEqual((await world.conversation(openid)).messages, [])

  const grant = (appid: string, secret: string) =>
    world.ask('GET', `/cgi-bin/token?grant_type=client_credential&appid=${appid}&secret=${secret}`)
  assert.equal((await grant('wx2', 'the-secret')).body['errcode'], 40125)
  const { access_token } = (await grant('wx2', 'other')).body
  await world.ask('POST', `/phone/users/${openid}/unsubscribe`, { appId: 'wx2' })
  const call = `/cgi-bin/user/info?access_token=${String(access_token)}&openid=${openid}`
  assert.equal((await world.ask('GET', call)).body['subscribe'], 0)
  assert.equal((await world.api('GET', `/cgi-bin/user/info?openid=${openid}`))['subscribe'], 1)
})

test('settings with which no account could work are named, and secrets are not repeated', () => {
  const check = (change: Partial<WeChatAccount>, rest = {}) =>
    checkWeChatSettings({ host: 'h', port: 0, accounts: [{ ...ACCOUNT, ...change }], ...rest })
  const invalid: [() => void, RegExp][] = [
    [() => check({ secret: '' }), /must not be empty/],
    [() => check({ originalId: 'x' }), /gh_/],
    [() => check({ callbackUrl: 'ftp://x/' }), /no http\(s\) URL/],
    [() => check({ mode: 'safe' }), /needs the account's EncodingAESKey/],
    [() => check({ mode: 'safe', aesKey: 'too-short-a-key' }), /43 letters and digits/],
    [() => check({}, { accounts: [ACCOUNT, ACCOUNT] }), /there twice/],
    [() => check({}, { pushDeliveries: 0 }), /1 or more/],
    [() => check({}, { pushTimeoutMs: 0 }), /1 or more/],
  ]
  for (const [run, message] of invalid) {
    assert.throws(run, (error) => {
      assert.ok(error instanceof WeChatSettingsInvalid)
      assert.match(error.message, message)
      assert.ok(!error.message.includes('too-short-a-key') && !error.message.includes(ACCOUNT.secret))
      return true
    })
  }
  check({ mode: 'compatible', aesKey: 'a'.repeat(43), callbackUrl: 'https://x.example/' })
})
