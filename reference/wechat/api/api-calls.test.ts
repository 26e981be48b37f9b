import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fieldOf, readXml, textOf } from '../../wechat-wire/strict-xml.js'
import { platformWorld, type Json } from '../fixtures/platform-world.js'

const TEMPLATES = [
  {
    templateId: 'tpl-1',
    title: '车位预约通知',
    content: '{{first.DATA}}\n车位：{{character_string1.DATA}}\n地点：{{thing2.DATA}}\n{{remark.DATA}}',
  },
]
const value = (text: unknown) => ({ value: text })
const DATA = {
  first: value('您好'),
  character_string1: value('B-17'),
  thing2: value('国贸地下停车场'),
  remark: value(''),
}
const ADDRESSES = { ipAllowList: ['10.0.0.1'] }

test('every refusal has HTTP 200, the platform’s code and a rid', async (t) => {
  const world = await platformWorld(t, { account: { unauthorisedCalls: ['/cgi-bin/user/get'] } })
  const token = await world.accessToken()
  const openid = await world.user()
  const good = `access_token=${token}`
  const send = (query: string, body?: unknown) =>
    world.ask('POST', `/cgi-bin/message/custom/send?${query}`, body)
  const text = { msgtype: 'text', text: { content: 'a' } }
  const grant = (query: string) => world.ask('GET', `/cgi-bin/token?grant_type=client_credential${query}`)
  const asked: [number, Promise<{ status: number; body: Json }>][] = [
    [41001, send('', { touser: openid, ...text })],
    [40001, send('access_token=x', { touser: openid, ...text })],
    [40014, send('access_token=%20', { touser: openid, ...text })],
    [40003, send(good, { touser: 'nobody', ...text })],
    [45015, send(good, { touser: openid, ...text })],
    [40007, send(good, { touser: openid, msgtype: 'image', image: { media_id: 'x' } })],
    [40008, send(good, { touser: openid, msgtype: 'hologram' })],
    [45002, send(good, { touser: openid, msgtype: 'text', text: { content: '字'.repeat(683) } })],
    [
      45008,
      send(good, { touser: openid, msgtype: 'news', news: { articles: [{ title: 'a' }, { title: 'b' }] } }),
    ],
    [44004, send(good, { touser: openid, msgtype: 'text', text: { content: '' } })],
    [44003, send(good, { touser: openid, msgtype: 'news', news: { articles: [] } })],
    [41009, world.ask('GET', `/cgi-bin/user/info?${good}`)],
    [40066, world.ask('POST', `/cgi-bin/no/such/call?${good}`, {})],
    [47001, send(good, 'not an object')],
    [44002, send(good)],
    [43002, world.ask('GET', `/cgi-bin/message/custom/send?${good}`)],
    [43001, world.ask('POST', `/cgi-bin/user/info?${good}&openid=${openid}`)],
    [48001, world.ask('GET', `/cgi-bin/user/get?${good}`)],
    [40002, world.ask('GET', '/cgi-bin/token?appid=wx1&secret=the-secret')],
    [41002, grant('&secret=x')],
    [40013, grant('&appid=wx9&secret=x')],
    [41004, grant('&appid=wx1')],
    [40125, grant('&appid=wx1&secret=x')],
    [43002, world.ask('GET', '/cgi-bin/stable_token')],
    [40007, world.ask('GET', `/cgi-bin/media/get?${good}&media_id=x`)],
    [41006, world.ask('GET', `/cgi-bin/media/get?${good}`)],
  ]
  for (const [errcode, answer] of asked) {
    const { status, body } = await answer
    assert.deepEqual([status, body['errcode']], [200, errcode])
    assert.match(String(body['errmsg']), / rid: [0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}$/)
  }
})

test('who is not on the allow-list gets no token, and is told by its address', async (t) => {
  const world = await platformWorld(t, { account: ADDRESSES })
  const { body } = await world.ask(
    'GET',
    '/cgi-bin/token?grant_type=client_credential&appid=wx1&secret=the-secret',
  )
  assert.equal(body['errcode'], 40164)
  assert.match(
    String(body['errmsg']),
    /^invalid ip 127\.0\.0\.1 ipv6 ::ffff:127\.0\.0\.1, not in whitelist rid: /,
  )
  assert.equal(await world.accessToken(), 'undefined')
  const listed = await platformWorld(t, { account: { ipAllowList: ['127.0.0.1'] } })
  assert.match(await listed.accessToken(), /^99_/)
})

test('a template message reaches a subscriber outside every window, and its fate is pushed', async (t) => {
  const fates: string[][] = []
  const world = await platformWorld(t, {
    account: { templates: TEMPLATES },
    answer: (request, response) => {
      const push = readXml(request.body as string)
      fates.push(['Event', 'MsgID', 'Status'].map((name) => textOf(push, name)))
      response.send('')
    },
  })
  const openid = await world.follower()
  world.pass(7 * 86_400)
  const send = async (change: Json = {}) =>
    world.api('POST', '/cgi-bin/message/template/send', {
      touser: openid,
      template_id: 'tpl-1',
      url: 'http://plan.example/',
      data: DATA,
      ...change,
    })
  const sent = await send()
  assert.deepEqual([sent['errcode'], typeof sent['msgid']], [0, 'number'])
  await world.settled()
  assert.deepEqual(fates.at(-1), ['TEMPLATESENDJOBFINISH', String(sent['msgid']), 'success'])
  const [shown] = (await world.conversation(openid)).messages
  assert.deepEqual(
    [shown?.kind, shown?.title, shown?.text, shown?.url],
    ['template', '车位预约通知', '您好\n车位：B-17\n地点：国贸地下停车场\n', 'http://plan.example/'],
  )
  await world.phone(openid, 'templates', { blocked: true })
  assert.equal((await send())['errcode'], 0)
  await world.settled()
  assert.equal(fates.at(-1)?.[2], 'failed:user block')
  await world.phone(openid, 'templates', { blocked: false })
  await world.faults({ templatesFail: true })
  await send()
  await world.settled()
  assert.equal(fates.at(-1)?.[2], 'failed: system failed')
  assert.equal((await world.conversation(openid)).messages.length, 1)

  const refusals: [Json, number][] = [
    [{ template_id: 'none' }, 40037],
    [{ touser: 'nobody' }, 40003],
    [{ touser: await world.user() }, 43004],
    [{ data: {} }, 47003],
    [{ data: { ...DATA, character_string1: value('车位-256') } }, 47003],
    [{ data: { ...DATA, character_string1: value('a'.repeat(33)) } }, 47003],
    [{ data: { ...DATA, character_string1: value('a'.repeat(32)) } }, 0],
    [{ data: { ...DATA, thing2: value('字'.repeat(20)) } }, 0],
    [{ data: { ...DATA, thing2: value('字'.repeat(21)) } }, 47003],
    [{ data: { ...DATA, thing2: 'no object' } }, 47003],
  ]
  for (const [change, errcode] of refusals) assert.equal((await send(change))['errcode'], errcode)
  const invalid = await send({ data: { ...DATA, thing2: value('') } })
  assert.match(String(invalid['errmsg']), /^argument invalid! data\.thing2\.value invalid rid/)
})

test('a subscription message needs a yes of its own each time', async (t) => {
  const events: [string, string][] = []
  const world = await platformWorld(t, {
    account: { templates: TEMPLATES },
    answer: (request, response) => {
      const push = readXml(request.body as string)
      const list = ['Popup', 'Change', 'Sent'].map((kind) =>
        fieldOf(fieldOf(push, `SubscribeMsg${kind}Event`), 'List'),
      )
      const status = list
        .map((one) => textOf(one, 'SubscribeStatusString') + textOf(one, 'ErrorStatus'))
        .join('')
      events.push([textOf(push, 'Event'), status])
      response.send('')
    },
  })
  const openid = await world.follower()
  const send = async () =>
    (
      await world.api('POST', '/cgi-bin/message/subscribe/bizsend', {
        touser: openid,
        template_id: 'tpl-1',
        page: 'http://plan.example/',
        data: DATA,
      })
    )['errcode']
  const says = (status: string, where = 'popup') =>
    world.phone(openid, 'subscribe-message', { templateId: 'tpl-1', status, where })
  assert.equal(await send(), 43101)
  await says('accept')
  await says('accept')
  assert.deepEqual([await send(), await send(), await send()], [0, 0, 43101])
  await says('accept')
  await says('reject', 'change')
  assert.equal(await send(), 43101)
  await world.settled()
  assert.deepEqual(events.slice(1).sort(), [
    ['subscribe_msg_change_event', 'reject'],
    ['subscribe_msg_popup_event', 'accept'],
    ['subscribe_msg_popup_event', 'accept'],
    ['subscribe_msg_popup_event', 'accept'],
    ['subscribe_msg_sent_event', 'success'],
    ['subscribe_msg_sent_event', 'success'],
  ])
})

test('menus have at most three buttons with five below each, and names and keys of their sizes', async (t) => {
  const world = await platformWorld(t)
  const create = async (button: unknown) =>
    (await world.api('POST', '/cgi-bin/menu/create', { button }))['errcode']
  const click = { type: 'click', name: 'a', key: 'k' }
  const below = (sub_button: unknown[]) => [{ name: 'a', sub_button }]
  const cases: [unknown, number][] = [
    [[], 40016],
    [[click, click, click], 0],
    [[click, click, click, click], 40016],
    [below(Array(5).fill(click)), 0],
    [below(Array(6).fill(click)), 40023],
    [[{ ...click, key: 'k'.repeat(128) }], 0],
    [[{ ...click, key: 'k'.repeat(129) }], 40019],
    [below([{ ...click, key: '键'.repeat(43) }]), 40026],
    [[{ ...click, name: 'n'.repeat(16) }], 0],
    [[{ ...click, name: 'n'.repeat(17) }], 40018],
    [below([{ ...click, name: 'n'.repeat(61) }]), 40025],
    [
      [
        { type: 'pic_sysphoto', name: 'a', key: 'k' },
        { type: 'media_id', name: 'a', media_id: 'm' },
      ],
      0,
    ],
    [[{ type: 'miniprogram', name: 'a', url: 'http://x/', appid: 'wx1', pagepath: 'p' }], 0],
    [[{ type: 'miniprogram', name: 'a', url: 'http://x/', appid: 'wx1' }], 47001],
    [[{ type: 'media_id', name: 'a' }], 40007],
    [[{ type: 'pic_weixin', name: 'a' }], 40019],
    [[{ ...click, type: 'hologram' }], 40017],
    [below([{ ...click, type: 'hologram' }]), 40024],
    [[{ type: 'view', name: 'a', url: 'javascript:alert(1)' }], 40020],
    [below([{ type: 'view', name: 'a' }]), 40027],
  ]
  assert.equal((await world.api('GET', '/cgi-bin/menu/get'))['errcode'], 46003)
  for (const [button, errcode] of cases)
    assert.equal(await create(button), errcode, JSON.stringify(button).slice(0, 90))
  assert.ok((await world.api('GET', '/cgi-bin/menu/get'))['menu'])
  assert.equal((await world.api('GET', '/cgi-bin/get_current_selfmenu_info'))['is_menu_open'], 1)
  assert.equal((await world.api('GET', '/cgi-bin/menu/delete'))['errcode'], 0)
  assert.equal((await world.api('GET', '/cgi-bin/menu/get'))['errcode'], 46003)
})

test('users are listed and told of, without name or face', async (t) => {
  const world = await platformWorld(t)
  assert.deepEqual(await world.api('GET', '/cgi-bin/user/get'), { total: 0, count: 0, next_openid: '' })
  const first = await world.follower()
  const openid = await world.user()
  await world.phone(openid, 'subscribe', { scene: '7' })
  const list = await world.api('GET', '/cgi-bin/user/get')
  const all = [first, openid].sort()
  assert.deepEqual(list, { total: 2, count: 2, data: { openid: all }, next_openid: all[1] })
  const rest = await world.api('GET', `/cgi-bin/user/get?next_openid=${String(all[0])}`)
  assert.deepEqual(rest['data'], { openid: [all[1]] })
  const info = await world.api('GET', `/cgi-bin/user/info?openid=${openid}&lang=en`)
  assert.deepEqual(
    [info['subscribe'], info['nickname'], info['language'], info['subscribe_scene'], info['qr_scene']],
    [1, '', 'en', 'ADD_SCENE_QR_CODE', 7],
  )
  await world.phone(openid, 'unsubscribe')
  assert.deepEqual(await world.api('GET', `/cgi-bin/user/info?openid=${openid}`), { subscribe: 0, openid })
  assert.deepEqual(await world.api('GET', '/cgi-bin/getcallbackip'), { ip_list: ['127.0.0.1'] })
  assert.deepEqual(await world.api('GET', '/cgi-bin/get_api_domain_ip'), { ip_list: ['127.0.0.1'] })
})

const deep = `{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}`
const JSON_ATTACKS: [string, string | Uint8Array, string][] = [
  ['bad UTF-8', Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d]), 'json-not-utf8'],
  ['deep nesting', deep, 'json-too-deep'],
  ['a field twice', '{"touser":"a","touser":"b"}', 'json-field-twice'],
  ['a field twice, once escaped', '{"touser":"a","\\u0074ouser":"b"}', 'json-field-twice'],
  ['no object', '[1]', 'json-no-object'],
  ['half of it', '{"touser":', 'json-malformed'],
  ['XML', '<xml/>', 'json-malformed'],
  ['10 MB', `{"a":"${'a'.repeat(10 * 1024 * 1024)}"}`, 'request-too-large'],
]
test('JSON as an attacker sends it is refused by name, and changes nothing', async (t) => {
  const world = await platformWorld(t)
  const token = await world.accessToken()
  for (const [what, body, name] of JSON_ATTACKS) {
    for (const path of [`/cgi-bin/menu/create?access_token=${token}`, '/cgi-bin/stable_token']) {
      const answer = await fetch(world.wechat.url + path, {
        method: 'POST',
        body: new Uint8Array(Buffer.from(body)),
      })
      const { errcode, errmsg } = (await answer.json()) as Json
      assert.deepEqual([answer.status, errcode], [200, 47001], what)
      assert.match(String(errmsg), new RegExp(`^data format error ${name} rid: `), what)
    }
  }
  const poisoned = await world.api('POST', '/cgi-bin/menu/create', JSON.parse('{"__proto__":{"button":[]}}'))
  assert.equal(poisoned['errcode'], 40016)
  assert.equal((await world.api('GET', '/cgi-bin/menu/get'))['errcode'], 46003)
})
