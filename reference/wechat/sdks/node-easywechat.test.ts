import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type * as Easywechat from 'node-easywechat'
import { platformWorld, PNG, type Json } from '../fixtures/platform-world.js'

const require = createRequire(import.meta.url)
const { OfficialAccount, FormData: Form } = require('node-easywechat') as typeof Easywechat
/** The SDK's own provider, whose base URL is a property. */
const { default: WeChat } = createRequire(require.resolve('node-easywechat'))(
  'node-socialite/dist/Providers/WeChat',
) as { default: new (config: object) => { _baseUrl: string; scopes(scopes: string[]): unknown } }
const TEMPLATE = { templateId: 'tpl-1', title: '通知', content: '{{thing1.DATA}}' }

/** The SDK as it is published; only its base URL is ours. */
async function sdk(t: TestContext, stable = true) {
  const world = await platformWorld(t, { account: { templates: [TEMPLATE] } })
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-'))
  t.after(() => rm(folder, { recursive: true }))
  const app = new OfficialAccount({
    app_id: 'wx1',
    secret: 'the-secret',
    token: 'AAAAA',
    aes_key: '',
    use_stable_access_token: stable,
    http: { baseURL: `${world.wechat.url}/` },
    file_cache: { path: folder },
  } as ConstructorParameters<typeof OfficialAccount>[0])
  const openid = await world.follower()
  await world.phone(openid, 'text', { content: 'a' })
  await world.settled()
  const client = app.getClient()
  const post = async (path: string, body: object) => (await client.postJson(path, body)).toObject<Json>()
  const get = async (path: string, params: object = {}) =>
    (await client.get(path, { params })).toObject<Json>()
  const seen = async () =>
    (await world.conversation(openid)).messages.filter(({ from }) => from === 'account')
  return { ...world, app, client, post, get, openid, seen }
}

for (const stable of [true, false]) {
  test(`sends with a ${stable ? 'stable' : 'plain'} token, which it keeps, and with a new one once it is invalid`, async (t) => {
    const { app, post, openid, seen, ask } = await sdk(t, stable)
    const say = (content: string) =>
      post('cgi-bin/message/custom/send', { touser: openid, msgtype: 'text', text: { content } })
    const token = await app.getAccessToken().getToken()
    await say('1')
    assert.equal(await app.getAccessToken().getToken(), token)
    await ask('POST', '/control/tokens/revoke', { appId: 'wx1' }, { authorization: 'Bearer control' })
    assert.equal((await say('2'))['errcode'], 40001)
    // the SDK leaves healing to its user
    await (app.getAccessToken() as unknown as { refresh(): Promise<string> }).refresh()
    await say('3')
    assert.deepEqual(
      (await seen()).map(({ text }) => text),
      ['1', '3'],
    )
  })
}

test('uploads a file, sends it, and makes a code', async (t) => {
  const { client, post, openid, seen } = await sdk(t)
  const form = new Form()
  form.append('media', PNG, { filename: 'code.png', contentType: 'image/png' })
  const sent = await client.post('cgi-bin/media/upload', { params: { type: 'image' }, data: form })
  const { media_id } = sent.toObject<Json>()
  await post('cgi-bin/message/custom/send', { touser: openid, msgtype: 'image', image: { media_id } })
  assert.equal((await seen())[0]?.mediaId, media_id)
  const code = await post('cgi-bin/qrcode/create', {
    action_name: 'QR_STR_SCENE',
    action_info: { scene: { scene_str: 'car-1' } },
  })
  assert.equal(code['expire_seconds'], 60)
})

test('sends a template message, makes a menu, and reads a user', async (t) => {
  const { post, get, openid, seen } = await sdk(t)
  const data = { thing1: { value: '好' } }
  const sent = await post('cgi-bin/message/template/send', { touser: openid, template_id: 'tpl-1', data })
  assert.equal(sent['errcode'], 0)
  assert.equal((await seen())[0]?.text, '好')
  const menu = { button: [{ type: 'click', name: '找车位', key: 'FIND', sub_button: [] }] }
  await post('cgi-bin/menu/create', menu)
  assert.deepEqual((await get('cgi-bin/menu/get'))['menu'], menu)
  assert.equal((await get('cgi-bin/user/info', { openid }))['openid'], openid)
})

test('signs a page, and learns who its user is', async (t) => {
  const { app, ask, openid, wechat } = await sdk(t)
  const url = 'http://page.example/'
  const { nonceStr, timestamp, signature } = (await app.getUtils().buildJsSdkConfig(url)) as unknown as Json
  const page = { appId: 'wx1', url, nonceStr, timestamp: String(timestamp), signature }
  assert.deepEqual((await ask('POST', '/phone/page-signature', page)).body, { ok: true })

  app.setOAuthFactory(() => {
    const provider = new WeChat({ client_id: 'wx1', client_secret: 'the-secret', redirect: url })
    provider._baseUrl = `${wechat.url}/sns`
    provider.scopes(['snsapi_userinfo'])
    return provider as never
  })
  const oauth = app.getOAuth()
  const asks = oauth.redirect(url)
  assert.match(asks, /^https:\/\/open\.weixin\.qq\.com\/connect\/oauth2\/authorize\?/)
  const agreed = await ask('POST', `/phone/users/${openid}/authorise`, { url: asks })
  const code = new URL(String(agreed.body['redirect'])).searchParams.get('code') ?? ''
  assert.equal((await oauth.userFromCode(code)).getId(), openid)
})
