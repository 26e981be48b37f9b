import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openLibsqlStore } from '../../../rigs/drivers/libsql/libsql-store.js'
import { platformWorld, PNG } from '../fixtures/platform-world.js'

test('a platform that is started again on its store remembers everything', async (t) => {
  const store = await openLibsqlStore('libsql::memory:')
  t.after(() => store.close())
  const before = await platformWorld(t, { store })
  const openid = await before.follower()
  await before.phone(openid, 'text', { content: 'before' })
  const image = { type: 'image', base64: PNG.toString('base64') }
  await before.phone(openid, 'media', image)
  await before.settled()
  const token = await before.accessToken()
  await before.api('POST', '/cgi-bin/menu/create', { button: [{ type: 'click', name: 'a', key: 'A' }] })
  const ticket = await before.api('POST', '/cgi-bin/qrcode/create', {
    action_name: 'QR_SCENE',
    action_info: { scene: { scene_id: 7 } },
  })
  const send = { touser: openid, msgtype: 'text', text: { content: 'hi' } }
  await before.api('POST', '/cgi-bin/message/custom/send', send)
  const conversation = await before.conversation(openid)
  await before.wechat.close()

  const after = await platformWorld(t, { store })
  assert.deepEqual(await after.conversation(openid), conversation)
  assert.equal(await after.accessToken(), token)
  assert.ok((await after.api('GET', '/cgi-bin/menu/get'))['menu'])
  const picture = conversation.messages.find(({ kind }) => kind === 'image')?.mediaId ?? ''
  const media = await fetch(`${after.wechat.url}/phone/media/${picture}`)
  assert.deepEqual(Buffer.from(await media.arrayBuffer()), PNG)
  const shown = await fetch(`${after.wechat.url}/cgi-bin/showqrcode?ticket=${String(ticket['ticket'])}`)
  assert.equal(shown.status, 200)
  // one of the three after subscribing is spent; four of the five after the messages would be left as well
  const codes = []
  for (let i = 0; i < 8; i++) {
    codes.push((await after.api('POST', '/cgi-bin/message/custom/send', send))['errcode'])
  }
  assert.deepEqual(codes, [0, 0, 0, 0, 0, 0, 0, 45047])
})
