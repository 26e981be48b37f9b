import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { platformWorld, PNG, type Json } from '../fixtures/platform-world.js'

/** As far as it is used here; the package brings no types. */
interface CoWechatApi {
  prefix: string
  snsPrefix: string
  mpPrefix: string
  getAccessToken(): Promise<{ accessToken: string }>
  sendText(openid: string, text: string): Promise<Json>
  sendImage(openid: string, mediaId: string): Promise<Json>
  sendNews(openid: string, articles: object[]): Promise<Json>
  sendTemplate(openid: string, id: string, url: string, color: string, data: object): Promise<Json>
  getAllPrivateTemplate(): Promise<Json>
  uploadMedia(file: string | Buffer, type: string, name?: string, mime?: string): Promise<Json>
  uploadImage(path: string): Promise<Json>
  getMedia(id: string): Promise<Buffer>
  createTmpQRCode(scene: number | string, seconds: number): Promise<Json>
  createLimitQRCode(scene: number | string): Promise<Json>
  showQRCodeURL(ticket: string): string
  createMenu(menu: object): Promise<Json>
  getMenu(): Promise<Json>
  getMenuConfig(): Promise<Json>
  removeMenu(): Promise<Json>
  getUser(openid: string): Promise<Json>
  batchGetUsers(openids: readonly string[], lang?: string): Promise<Json>
  getFollowers(next?: string): Promise<Json>
  getIp(): Promise<Json>
  getJsConfig(page: object): Promise<Record<'nonceStr' | 'timestamp' | 'signature', string>>
}
const CoWechatApi = createRequire(import.meta.url)('co-wechat-api') as new (
  appId: string,
  secret: string,
) => CoWechatApi

const TEMPLATE = { templateId: 'tpl-1', title: '通知', content: '{{thing1.DATA}}' }

/** The SDK as it is published; only its base URLs are ours. */
async function sdk(t: TestContext) {
  const world = await platformWorld(t, { account: { templates: [TEMPLATE] } })
  const api = new CoWechatApi('wx1', 'the-secret')
  api.prefix = `${world.wechat.url}/cgi-bin/`
  api.mpPrefix = `${world.wechat.url}/cgi-bin/`
  api.snsPrefix = `${world.wechat.url}/sns/`
  const openid = await world.follower()
  await world.phone(openid, 'text', { content: 'a' })
  await world.settled()
  const seen = async () =>
    (await world.conversation(openid)).messages.filter(({ from }) => from === 'account')
  return { ...world, sdk: api, openid, seen }
}

test('sends text, pictures and cards to a user, who sees them', async (t) => {
  const { sdk: api, openid, seen } = await sdk(t)
  await api.sendText(openid, '车位 <B-17>\n已预约')
  const { media_id } = await api.uploadMedia(PNG, 'image', 'code.png', 'image/png')
  await api.sendImage(openid, String(media_id))
  await api.sendNews(openid, [
    { title: 'B-17', description: '步行 3 分钟', url: 'http://plan.example/', picurl: '' },
  ])
  const [text, image, news] = await seen()
  assert.deepEqual([text?.kind, text?.text], ['text', '车位 <B-17>\n已预约'])
  assert.deepEqual([image?.kind, image?.mediaId], ['image', media_id])
  assert.deepEqual([news?.kind, news?.url], ['news', 'http://plan.example/'])
  assert.deepEqual(await api.getMedia(String(media_id)), PNG)
})

test('is told of errors by their code', async (t) => {
  const { sdk: api, openid, pass } = await sdk(t)
  await assert.rejects(api.sendText('nobody', 'a'), { code: 40003 })
  await assert.rejects(api.sendNews(openid, [{ title: 'a' }, { title: 'b' }]), { code: 45008 })
  pass(48 * 3600)
  await assert.rejects(api.sendText(openid, 'a'), { code: 45015 })
})

test('heals a token that was revoked, expired or replaced by another environment', async (t) => {
  const { sdk: api, openid, seen, ask, pass } = await sdk(t)
  await api.sendText(openid, '1')
  await ask('POST', '/control/tokens/revoke', { appId: 'wx1' }, { authorization: 'Bearer control' })
  await api.sendText(openid, '2')
  pass(7200)
  await api.sendText(openid, '3')
  // a second environment with the same account: its token ends the first one's after five minutes
  const second = new CoWechatApi('wx1', 'the-secret')
  second.prefix = api.prefix
  await second.getAccessToken()
  pass(301)
  await api.sendText(openid, '4')
  assert.deepEqual(
    (await seen()).map(({ text }) => text),
    ['1', '2', '3', '4'],
  )
})

test('reads JSON that comes as text/plain', async (t) => {
  const { sdk: api, openid, faults } = await sdk(t)
  await faults({ textPlain: true })
  await assert.rejects(api.sendText('nobody', 'a'), { code: 40003 })
  await api.sendText(openid, 'a')
})

test('sends a template message, and lists the templates', async (t) => {
  const { sdk: api, openid, seen } = await sdk(t)
  const list = (await api.getAllPrivateTemplate())['template_list'] as Json[]
  assert.deepEqual(
    list.map(({ template_id }) => template_id),
    ['tpl-1'],
  )
  const sent = await api.sendTemplate(openid, 'tpl-1', 'http://plan.example/', '#ff0000', {
    thing1: { value: '好' },
  })
  assert.ok(Number(sent['msgid']) > 0)
  assert.equal((await seen())[0]?.kind, 'template')
  await assert.rejects(api.sendTemplate(openid, 'tpl-1', '', '', {}), { code: 47003 })
})

test('makes scene codes and uploads a picture of an article', async (t) => {
  const { sdk: api } = await sdk(t)
  for (const made of [
    await api.createTmpQRCode(7, 100),
    await api.createTmpQRCode('car-1', 100),
    await api.createLimitQRCode(8),
  ]) {
    const picture = await fetch(api.showQRCodeURL(String(made['ticket'])))
    assert.equal(picture.headers.get('content-type'), 'image/png')
  }
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-'))
  t.after(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'plan.png'), PNG)
  const { url } = await api.uploadImage(join(folder, 'plan.png'))
  assert.equal((await fetch(String(url))).status, 200)
})

test('makes, reads and removes the menu', async (t) => {
  const { sdk: api } = await sdk(t)
  const menu = { button: [{ type: 'click', name: '找车位', key: 'FIND' }] }
  await api.createMenu(menu)
  const [button] = menu.button
  assert.deepEqual(await api.getMenu(), { menu: { button: [{ ...button, sub_button: [] }] } })
  await api.createMenu({ button: [{ name: '更多', sub_button: [button] }] })
  assert.deepEqual(await api.getMenuConfig(), {
    is_menu_open: 1,
    selfmenu_info: { button: [{ name: '更多', sub_button: { list: [button] } }] },
  })
  await api.removeMenu()
  await assert.rejects(api.getMenu(), { code: 46003 })
})

test('reads users and the platform’s addresses, and signs a page', async (t) => {
  const { sdk: api, openid, ask } = await sdk(t)
  const user = await api.getUser(openid)
  assert.equal(user['subscribe'], 1)
  assert.deepEqual(await api.batchGetUsers([openid], 'en'), { user_info_list: [user] })
  await assert.rejects(api.batchGetUsers([openid, 'nobody']), { code: 40003 })
  await assert.rejects(api.batchGetUsers(Array<string>(101).fill(openid)), { code: 40032 })
  assert.deepEqual((await api.getFollowers())['data'], { openid: [openid] })
  assert.deepEqual(await api.getIp(), { ip_list: ['127.0.0.1'] })
  const url = 'http://page.example/?a=1'
  const { nonceStr, timestamp, signature } = await api.getJsConfig({ url, jsApiList: [] })
  const judged = async (change: Json = {}) =>
    (
      await ask('POST', '/phone/page-signature', {
        appId: 'wx1',
        url,
        nonceStr,
        timestamp,
        signature,
        ...change,
      })
    ).body
  assert.deepEqual(await judged(), { ok: true })
  assert.deepEqual(await judged({ url: 'http://page.example/?a=2' }), { ok: false })
})
