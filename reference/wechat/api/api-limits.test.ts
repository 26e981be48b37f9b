import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { platformWorld, PNG, type Json } from '../fixtures/platform-world.js'

type World = Awaited<ReturnType<typeof platformWorld>>

const text = (openid: string) => ({ touser: openid, msgtype: 'text', text: { content: '好' } })
const send = async (world: World, openid: string) =>
  (await world.api('POST', '/cgi-bin/message/custom/send', text(openid)))['errcode']
async function sendAll(world: World, openid: string, count: number) {
  const codes: unknown[] = []
  for (let i = 0; i < count; i++) codes.push(await send(world, openid))
  return codes
}

/** Uploads as a form, as every client does. */
async function upload(world: World, query: string, bytes: Uint8Array, path = 'upload'): Promise<Json> {
  const form = new FormData()
  form.set('media', new Blob([new Uint8Array(bytes)]), 'file.bin')
  const token = await world.accessToken()
  const url = `${world.wechat.url}/cgi-bin/media/${path}?access_token=${token}${query}`
  return (await (await fetch(url, { method: 'POST', body: form })).json()) as Json
}

test('48 hours and five messages after a message; a second either side', async (t) => {
  const world = await platformWorld(t)
  const openid = await world.follower()
  world.pass(60)
  assert.equal(await send(world, openid), 45015)
  await world.phone(openid, 'text', { content: 'a' })
  world.pass(48 * 3600 - 1)
  assert.deepEqual(await sendAll(world, openid, 6), [0, 0, 0, 0, 0, 45047])
  await world.phone(openid, 'text', { content: 'a' })
  world.pass(48 * 3600)
  assert.equal(await send(world, openid), 45015)
  world.pass(1)
  assert.equal(await send(world, openid), 45015)
})

test('a minute and three messages after subscribing, scanning and a menu tap; a second either side', async (t) => {
  const world = await platformWorld(t)
  await world.api('POST', '/cgi-bin/menu/create', { button: [{ type: 'click', name: 'a', key: 'A' }] })
  const openid = await world.follower()
  const contacts: [string, Json][] = [
    ['menu', { path: [0] }],
    ['subscribe', { scene: 'car-1' }],
  ]
  world.pass(59)
  assert.deepEqual(await sendAll(world, openid, 4), [0, 0, 0, 45047])
  world.pass(1)
  assert.equal(await send(world, openid), 45015)
  for (const [action, body] of contacts) {
    await world.phone(openid, action, body)
    world.pass(59)
    assert.deepEqual(await sendAll(world, openid, 4), [0, 0, 0, 45047], action)
    await world.phone(openid, action, body)
    world.pass(60)
    assert.equal(await send(world, openid), 45015, action)
    world.pass(1)
    assert.equal(await send(world, openid), 45015, action)
  }
})

test('a link, a map and a choice of a menu message are no messages of the user', async (t) => {
  const world = await platformWorld(t)
  const button = [
    { type: 'view', name: 'a', url: 'http://page.example/' },
    { type: 'pic_weixin', name: 'b', key: 'B' },
    { type: 'click', name: 'c', key: 'C' },
  ]
  await world.api('POST', '/cgi-bin/menu/create', { button })
  const openid = await world.follower()
  const list = [{ id: '1', content: '满意' }]
  const menu = { touser: openid, msgtype: 'msgmenu', msgmenu: { head_content: '?', list } }
  await world.api('POST', '/cgi-bin/message/custom/send', menu)
  world.pass(60)
  await world.phone(openid, 'menu', { path: [0] })
  assert.equal(await send(world, openid), 45015)
  assert.equal((await world.phone(openid, 'menu', { path: [1] })).body['error'], 'button-not-played')
  assert.equal(await send(world, openid), 45015)
  await world.phone(openid, 'choice', { seq: 1, id: '1' })
  assert.deepEqual(await sendAll(world, openid, 4), [0, 0, 0, 45047])
  world.pass(60)
  assert.equal(await send(world, openid), 45015)
})

test('leaving ends every window', async (t) => {
  const world = await platformWorld(t)
  const openid = await world.follower()
  await world.phone(openid, 'text', { content: 'a' })
  await world.phone(openid, 'unsubscribe')
  assert.equal(await send(world, openid), 45015)
})

test('media live three days, a second either side; pictures of articles live on', async (t) => {
  const world = await platformWorld(t)
  const { media_id, created_at, type } = await upload(world, '&type=image', PNG)
  assert.deepEqual([type, created_at], ['image', Math.floor(world.now() / 1000)])
  const { url } = await upload(world, '', PNG, 'uploadimg')
  const get = async () => {
    const token = await world.accessToken()
    return fetch(`${world.wechat.url}/cgi-bin/media/get?access_token=${token}&media_id=${String(media_id)}`)
  }
  world.pass(3 * 86_400 - 1)
  const good = await get()
  assert.equal(good.headers.get('content-type'), 'image/png')
  assert.match(good.headers.get('content-disposition') ?? '', /attachment/)
  assert.deepEqual(Buffer.from(await good.arrayBuffer()), PNG)
  for (let second = 0; second < 2; second++) {
    world.pass(1)
    assert.equal(((await (await get()).json()) as Json)['errcode'], 40007)
  }
  assert.equal((await fetch(String(url))).status, 200)
})

test('files are judged by their kind and size, a byte either side', async (t) => {
  const world = await platformWorld(t)
  const sized = (head: Buffer, size: number) => Buffer.concat([head, Buffer.alloc(size - head.length)])
  const MIB = 1024 * 1024
  const jpeg = Buffer.from('ffd8ffe0', 'hex')
  const amr = Buffer.from('#!AMR\n')
  const mp4 = Buffer.from('0000001866747970', 'hex')
  const cases: [string, Buffer, unknown][] = [
    ['image', sized(PNG, 10 * MIB), undefined],
    ['image', sized(PNG, 10 * MIB + 1), 40009],
    ['voice', sized(amr, 2 * MIB), undefined],
    ['voice', sized(amr, 2 * MIB + 1), 40010],
    ['video', sized(mp4, 10 * MIB), undefined],
    ['video', sized(mp4, 10 * MIB + 1), 40011],
    ['thumb', sized(jpeg, 64 * 1024), undefined],
    ['thumb', sized(jpeg, 64 * 1024 + 1), 40012],
    ['thumb', PNG, 40005],
    ['image', Buffer.from('not a picture'), 40005],
    ['hologram', PNG, 40004],
    ['image', Buffer.alloc(0), 41005],
  ]
  for (const [type, bytes, errcode] of cases) {
    const answer = await upload(world, `&type=${type}`, bytes)
    assert.equal(answer['errcode'], errcode, `${type} of ${bytes.length} bytes`)
  }
  assert.ok((await upload(world, '&type=thumb', jpeg))['thumb_media_id'])
  assert.equal((await upload(world, '', sized(PNG, MIB - 1), 'uploadimg'))['errcode'], undefined)
  assert.equal((await upload(world, '', sized(PNG, MIB), 'uploadimg'))['errcode'], 40009)
  assert.equal((await upload(world, '', Buffer.from('GIF89a'), 'uploadimg'))['errcode'], 40005)
  const noForm = await world.api('POST', '/cgi-bin/media/upload?type=image', { media: 'x' })
  assert.equal(noForm['errcode'], 41005)
})

async function ticket(world: World, body: Json) {
  return world.api('POST', '/cgi-bin/qrcode/create', body)
}
const shows = async (world: World, made: Json) =>
  (await fetch(`${world.wechat.url}/cgi-bin/showqrcode?ticket=${String(made['ticket'])}`)).status

test('scene codes live as long as asked for, 60 s by default, 30 days at most; a second either side', async (t) => {
  const world = await platformWorld(t)
  const scene = { action_name: 'QR_SCENE', action_info: { scene: { scene_id: 7 } } }
  const lives: [Json, number][] = [
    [scene, 60],
    [{ ...scene, expire_seconds: 90 }, 90],
    [{ ...scene, expire_seconds: 9_999_999 }, 2_592_000],
  ]
  for (const [body, life] of lives) {
    const made = await ticket(world, body)
    assert.equal(made['expire_seconds'], life)
    world.pass(life - 1)
    assert.equal(await shows(world, made), 200)
    world.pass(1)
    assert.equal(await shows(world, made), 404)
  }
  const forever = await ticket(world, {
    action_name: 'QR_LIMIT_STR_SCENE',
    action_info: { scene: { scene_str: 'x' } },
  })
  assert.equal(forever['expire_seconds'], undefined)
  world.pass(10 * 365 * 86_400)
  assert.equal(await shows(world, forever), 200)
})

test('scenes have their limits', async (t) => {
  const world = await platformWorld(t)
  const id = (action_name: string, scene_id: unknown) => ({
    action_name,
    action_info: { scene: { scene_id } },
  })
  const str = (action_name: string, scene_str: unknown) => ({
    action_name,
    action_info: { scene: { scene_str } },
  })
  const cases: [Json, unknown][] = [
    [id('QR_LIMIT_SCENE', 100_000), undefined],
    [id('QR_LIMIT_SCENE', 100_001), 40053],
    [id('QR_SCENE', 0), 40053],
    [id('QR_SCENE', 4_294_967_295), undefined],
    [id('QR_SCENE', 4_294_967_296), 40053],
    [str('QR_STR_SCENE', 'a'.repeat(64)), undefined],
    [str('QR_STR_SCENE', 'a'.repeat(65)), 40053],
    [str('QR_STR_SCENE', ''), 40053],
    [id('QR_HOLOGRAM', 1), 40053],
    [{ ...id('QR_SCENE', 1), expire_seconds: 'soon' }, 40052],
  ]
  for (const [body, errcode] of cases) assert.equal((await ticket(world, body))['errcode'], errcode)
})

test('a day’s calls are counted to Beijing’s midnight, a second either side, and can be cleared', async (t) => {
  const world = await platformWorld(t, { account: { callsPerDay: { '/cgi-bin/menu/get': 2 } } })
  const menu = async () => (await world.api('GET', '/cgi-bin/menu/get'))['errcode']
  assert.deepEqual([await menu(), await menu(), await menu()], [46003, 46003, 45009])
  assert.equal((await world.api('POST', '/cgi-bin/clear_quota', { appid: 'wx1' }))['errcode'], 0)
  assert.deepEqual([await menu(), await menu(), await menu()], [46003, 46003, 45009])
  // 09:00 in Beijing
  world.pass(15 * 3600 - 1)
  assert.equal(await menu(), 45009)
  world.pass(1)
  assert.equal(await menu(), 46003)
})

test('quotas can be cleared ten times a month', async (t) => {
  const world = await platformWorld(t)
  const clear = async () => (await world.api('POST', '/cgi-bin/clear_quota', { appid: 'wx1' }))['errcode']
  const codes = []
  for (let i = 0; i < 11; i++) codes.push(await clear())
  assert.deepEqual(codes, [...Array<number>(10).fill(0), 48006])
  world.pass(31 * 86_400 - 9 * 3600 - 1)
  assert.equal(await clear(), 48006)
  world.pass(1)
  assert.equal(await clear(), 0)
  assert.equal((await world.api('POST', '/cgi-bin/clear_quota', { appid: 'wx2' }))['errcode'], 40013)
})

test('the ticket for pages lives 7200 s, a second either side, and judges their signatures', async (t) => {
  const world = await platformWorld(t)
  const get = () => world.api('GET', '/cgi-bin/ticket/getticket?type=jsapi')
  const first = await get()
  assert.deepEqual([first['errcode'], first['expires_in']], [0, 7200])
  world.pass(7199)
  assert.equal((await get())['ticket'], first['ticket'])
  world.pass(1)
  const second = await get()
  assert.notEqual(second['ticket'], first['ticket'])
  assert.equal((await world.api('GET', '/cgi-bin/ticket/getticket?type=wx_card'))['errcode'], 40097)
})

async function code(world: World, openid: string, scope = 'snsapi_base') {
  const query = new URLSearchParams({
    appid: 'wx1',
    redirect_uri: 'http://page.example/?a=1',
    response_type: 'code',
    scope,
    state: 's1',
  })
  const url = `${world.wechat.url}/connect/oauth2/authorize?${query.toString()}#wechat_redirect`
  const { body } = await world.ask('POST', `/phone/users/${openid}/authorise`, { url })
  return new URL(String(body['redirect'])).searchParams
}

async function redeem(world: World, text: string | null, change = '') {
  const path = `/sns/oauth2/access_token?appid=wx1&secret=the-secret&grant_type=authorization_code&code=${text}${change}`
  return (await world.ask('GET', path)).body
}

test('a page’s code is good once and for five minutes, a second either side', async (t: TestContext) => {
  const world = await platformWorld(t)
  const openid = await world.user()
  const page = await code(world, openid)
  assert.deepEqual([page.get('a'), page.get('state')], ['1', 's1'])
  world.pass(299)
  const granted = await redeem(world, page.get('code'))
  assert.deepEqual(
    [granted['openid'], granted['scope'], granted['expires_in']],
    [openid, 'snsapi_base', 7200],
  )
  assert.equal((await redeem(world, page.get('code')))['errcode'], 40163)
  const late = await code(world, openid)
  world.pass(300)
  assert.equal((await redeem(world, late.get('code')))['errcode'], 40029)
  world.pass(1)
  assert.equal((await redeem(world, late.get('code')))['errcode'], 40029)
  assert.equal((await redeem(world, 'made-up'))['errcode'], 40029)
})

test('a user’s token lives 7200 s and its refresh token 30 days, a second either side', async (t) => {
  const world = await platformWorld(t)
  const openid = await world.user()
  const granted = await redeem(world, (await code(world, openid, 'snsapi_userinfo')).get('code'))
  const info = async (token: unknown, of = openid) =>
    (await world.ask('GET', `/sns/userinfo?access_token=${String(token)}&openid=${of}`)).body
  const refresh = async () =>
    (
      await world.ask(
        'GET',
        `/sns/oauth2/refresh_token?appid=wx1&grant_type=refresh_token&refresh_token=${String(granted['refresh_token'])}`,
      )
    ).body
  assert.equal((await info(granted['access_token']))['openid'], openid)
  assert.equal((await info(granted['access_token'], 'somebody'))['errcode'], 40003)
  world.pass(7199)
  assert.equal((await info(granted['access_token']))['errcode'], undefined)
  world.pass(1)
  assert.equal((await info(granted['access_token']))['errcode'], 42001)
  assert.equal((await info((await refresh())['access_token']))['openid'], openid)
  world.pass(30 * 86_400 - 7200 - 1)
  assert.equal((await refresh())['errcode'], undefined)
  world.pass(1)
  assert.equal((await refresh())['errcode'], 42002)
  const base = await redeem(world, (await code(world, openid)).get('code'))
  assert.equal((await info(base['access_token']))['errcode'], 48001)
})
