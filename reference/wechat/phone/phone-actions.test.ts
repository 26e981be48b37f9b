import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import gcoordModule from 'gcoord'
import { fieldOf, readXml, textOf, type XmlFields } from '../../wechat-wire/strict-xml.js'
import { platformWorld, PNG, type Json, type WorldOptions } from '../fixtures/platform-world.js'

/** The package's types describe its ES build; what Node loads is the same object without `default`. */
const gcoord = gcoordModule as unknown as typeof gcoordModule.default
const [east, north] = gcoord.transform([116.4, 39.9], gcoord.WGS84, gcoord.GCJ02)

const MENU = {
  button: [
    { type: 'click', name: '找车位', key: 'FIND' },
    {
      name: '更多',
      sub_button: [
        { type: 'view', name: '网页', url: 'http://page.example/' },
        { type: 'scancode_push', name: '扫码', key: 'SCAN-1' },
        { type: 'scancode_waitmsg', name: '扫码等', key: 'SCAN-2' },
        { type: 'location_select', name: '地点', key: 'PLACE' },
      ],
    },
  ],
}

/** A follower, and everything that is pushed about them. */
async function followed(t: TestContext, options: WorldOptions = {}) {
  const pushed: XmlFields[] = []
  const world = await platformWorld(t, {
    ...options,
    answer: (request, response) => {
      pushed.push(readXml(request.body as string))
      response.send('success')
    },
  })
  const openid = await world.follower()
  const does = async (action: string, body: Json = {}) => {
    pushed.length = 0
    const answer = await world.phone(openid, action, body)
    await world.settled()
    return { answer, pushes: [...pushed] }
  }
  return { ...world, openid, does }
}

const values = (push: XmlFields | undefined, ...names: string[]) => names.map((name) => textOf(push, name))
const base64 = (hex: string) => Buffer.from(hex, 'hex').toString('base64')

test('every message kind is pushed with its fields and a MsgId', async (t) => {
  const { does } = await followed(t)
  const [location] = (await does('location', { latitude: 39.9, longitude: 116.4, label: '西站' })).pushes
  assert.deepEqual(values(location, 'MsgType', 'Location_X', 'Location_Y', 'Scale', 'Label'), [
    'location',
    '39.900000',
    '116.400000',
    '16',
    '西站',
  ])
  const [image] = (await does('media', { type: 'image', base64: PNG.toString('base64') })).pushes
  assert.equal(textOf(image, 'MsgType'), 'image')
  assert.match(textOf(image, 'PicUrl'), /^http:.*\/mmbiz\//)
  assert.deepEqual(Buffer.from(await (await fetch(textOf(image, 'PicUrl'))).arrayBuffer()), PNG)
  const amr = base64('2321414d520a3c')
  const [voice] = (await does('media', { type: 'voice', base64: amr, recognition: '你好' })).pushes
  assert.deepEqual(values(voice, 'MsgType', 'Format', 'Recognition'), ['voice', 'amr', '你好'])
  for (const type of ['video', 'shortvideo']) {
    const [video] = (await does('media', { type, base64: base64('0000001866747970') })).pushes
    assert.equal(textOf(video, 'MsgType'), type)
    assert.ok(textOf(video, 'MediaId') && textOf(video, 'ThumbMediaId'))
  }
  const link = { title: 't', description: 'd', url: 'http://x.example/' }
  const [linked] = (await does('link', link)).pushes
  assert.deepEqual(values(linked, 'MsgType', 'Title', 'Description', 'Url'), ['link', 't', 'd', link.url])
  for (const push of [location, image, voice, linked]) assert.match(textOf(push, 'MsgId'), /^\d{19}$/)
  assert.equal((await does('media', { type: 'image', base64: base64('00') })).answer.status, 400)
})

test('every button of a menu does what its type says', async (t) => {
  const { api, does, ask, openid } = await followed(t)
  assert.equal((await does('menu', { path: [0] })).answer.status, 404)
  assert.equal((await api('POST', '/cgi-bin/menu/create', MENU))['errcode'], 0)
  const shown = await ask('GET', `/phone/users/${openid}/menu?appId=wx1`)
  assert.deepEqual(shown.body['button'], MENU.button)

  const [click] = (await does('menu', { path: [0] })).pushes
  assert.deepEqual(values(click, 'MsgType', 'Event', 'EventKey', 'MsgId'), ['event', 'CLICK', 'FIND', ''])
  const view = await does('menu', { path: [1, 0] })
  assert.deepEqual(view.answer.body, { url: 'http://page.example/' })
  assert.deepEqual(values(view.pushes[0], 'Event', 'EventKey'), ['VIEW', 'http://page.example/'])
  for (const [index, event] of ['scancode_push', 'scancode_waitmsg'].entries()) {
    assert.equal((await does('menu', { path: [1, 1 + index] })).answer.status, 400)
    const [scan] = (await does('menu', { path: [1, 1 + index], result: 'B-17' })).pushes
    assert.equal(textOf(scan, 'Event'), event)
    assert.deepEqual(values(fieldOf(scan, 'ScanCodeInfo') as XmlFields, 'ScanType', 'ScanResult'), [
      'qrcode',
      'B-17',
    ])
  }
  const place = { latitude: 39.9, longitude: 116.4, label: '西站', name: '北京西站' }
  const [select, message] = (await does('menu', { path: [1, 3], place })).pushes
  assert.deepEqual(
    values(fieldOf(select, 'SendLocationInfo') as XmlFields, 'Location_X', 'Location_Y', 'Label', 'Poiname'),
    ['39.9', '116.4', '西站', '北京西站'],
  )
  assert.deepEqual(values(select, 'Event', 'EventKey'), ['location_select', 'PLACE'])
  assert.equal(textOf(message, 'MsgType'), 'location')
  assert.equal((await does('menu', { path: [1] })).answer.status, 409)
})

test('scene codes: who follows by one, who scans one, and who scans its picture', async (t) => {
  const { user, phone, settled, does, ask, api, pass } = await followed(t)
  const made = await api('POST', '/cgi-bin/qrcode/create', {
    expire_seconds: 60,
    action_name: 'QR_STR_SCENE',
    action_info: { scene: { scene_str: 'car-1' } },
  })
  const scanned = (await does('subscribe', { scene: 'car-1' })).pushes[0]
  assert.deepEqual(values(scanned, 'Event', 'EventKey', 'Ticket'), ['SCAN', 'car-1', String(made['ticket'])])
  const again = await does('scan', { url: made['url'] })
  assert.equal(again.answer.status, 400, 'a picture names its account itself')
  const openid = await user()
  const read = await ask('POST', `/phone/users/${openid}/scan`, { url: made['url'] })
  assert.equal(read.status, 202)
  await settled()
  assert.equal((await phone(openid, 'text', { content: 'now a follower' })).status, 202)
  pass(60)
  assert.equal((await ask('POST', `/phone/users/${openid}/scan`, { url: made['url'] })).status, 404)
})

test('places are told in the datum of the account’s settings', async (t) => {
  const place = { latitude: 39.9, longitude: 116.4, label: 'x' }
  const { does } = await followed(t)
  const [converted] = (await does('location', { ...place, datum: 'WGS-84' })).pushes
  assert.deepEqual(values(converted, 'Location_X', 'Location_Y'), [north.toFixed(6), east.toFixed(6)])
  const [report] = (await does('position', { latitude: 39.9, longitude: 116.4, precisionMetres: 12 })).pushes
  assert.deepEqual(values(report, 'Event', 'Latitude', 'Longitude', 'Precision'), [
    'LOCATION',
    '39.900000',
    '116.400000',
    '12.000000',
  ])
  const other = await followed(t, { account: { locationDatum: 'WGS-84', positionDatum: 'GCJ-02' } })
  const [asIs] = (await other.does('location', { ...place, datum: 'WGS-84' })).pushes
  assert.equal(textOf(asIs, 'Location_X'), '39.900000')
  assert.equal((await other.does('location', place)).answer.body['error'], 'datum-not-convertible')
  const [moved] = (await other.does('position', { latitude: 39.9, longitude: 116.4 })).pushes
  assert.equal(textOf(moved, 'Latitude'), north.toFixed(6))
})

test('a choice of a menu message comes as a text with its id', async (t) => {
  const { openid, does, api } = await followed(t)
  await api('POST', '/cgi-bin/message/custom/send', {
    touser: openid,
    msgtype: 'msgmenu',
    msgmenu: { head_content: '满意吗？', list: [{ id: '101', content: '满意' }], tail_content: '谢谢' },
  })
  const [said] = (await does('choice', { seq: 1, id: '101' })).pushes
  assert.deepEqual(values(said, 'MsgType', 'Content', 'bizmsgmenuid'), ['text', '满意', '101'])
  assert.equal((await does('choice', { seq: 1, id: '102' })).answer.body['error'], 'button-unknown')
})

test('what a phone sends wrong is refused by name', async (t) => {
  const { ask, openid } = await followed(t)
  const post = (path: string, body: Json) => ask('POST', `/phone/users/${path}`, body)
  const refusals: [Promise<{ body: Json }>, string][] = [
    [post(`${openid}/text`, { appId: 'wx1' }), 'request-invalid'],
    [post(`${openid}/text`, { appId: 'wx9', content: 'a' }), 'account-unknown'],
    [post(`nobody/text`, { appId: 'wx1', content: 'a' }), 'user-unknown'],
    [post(`${openid}/location`, { appId: 'wx1', latitude: 91, longitude: 0, label: '' }), 'request-invalid'],
    [ask('GET', `/phone/users/${openid}/conversation?appId=wx1&waitMs=x`), 'request-invalid'],
    [ask('GET', '/phone/media/none'), 'media-unknown'],
    [ask('PUT', '/control/faults', {}), 'unauthorised'],
  ]
  for (const [answer, error] of refusals) assert.equal((await answer).body['error'], error)
})

test('a reader waits for the next message', async (t) => {
  const { openid, api, conversation } = await followed(t)
  const waiting = conversation(openid, '&after=0&waitMs=60000')
  const sent = await api('POST', '/cgi-bin/message/custom/send', {
    touser: openid,
    msgtype: 'text',
    text: { content: '车位已预约' },
  })
  assert.deepEqual(sent, { errcode: 0, errmsg: 'ok' })
  assert.equal((await waiting).messages[0]?.text, '车位已预约')
})
