import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openLibsqlStore } from '../../rigs/drivers/libsql/libsql-store.js'
import type { SqlStore } from '../ports/sql-store.js'
import { PushCipher } from '../wechat-wire/push-cipher.js'
import { signPush } from '../wechat-wire/push-signature.js'
import { readXml, textOf, writeXml } from '../wechat-wire/strict-xml.js'
import { cloudWorld } from './fixtures/cloud-world.js'

test('a repeated delivery makes one reservation, and gets the same answer', async (t) => {
  const world = await cloudWorld(t)
  const xml = world.textXml('天安门')
  const replies = await Promise.all([world.push(xml), world.push(xml), world.push(xml)])
  replies.push(await world.push(xml))
  assert.equal(new Set(replies.map(({ body }) => body)).size, 1)
  assert.match(replies[0]?.body ?? '', /已为您预约/)
  assert.equal(world.platform.calls.all.length, 1)
})

test('one MsgId of two users is two messages', async (t) => {
  const world = await cloudWorld(t)
  assert.match(await world.say('帮助', '1', 'o-one'), /发送目的地/)
  assert.match(await world.say('状态 B-17', '1', 'o-two'), /空闲/)
})

test('when the answer takes long, WeChat gets a word in time and the user the rest later', async (t) => {
  const { wechat, ...world } = await cloudWorld(t, { passiveReplyMs: 1 })
  const release = world.platform.holdBack('listing')
  assert.match(await world.say('天安门'), /已收到，正在办理/)
  release()
  const message = await wechat.messages.first(() => true)
  assert.match(message.news?.articles[0]?.title ?? '', /已为您预约车位 B-17/)
  assert.equal(message.correlationId, 'wx-1')
})

test('the callback is verified by its echo', async (t) => {
  const { cloud } = await cloudWorld(t)
  const bad = await fetch(`${cloud.url}/wechat?signature=x&timestamp=1767225600&nonce=n&echostr=hello`)
  assert.deepEqual([bad.status, await bad.text()], [403, 'signature-wrong'])
})

test('pushes that are forged, for another account, too large or no XML are refused by name', async (t) => {
  const { push, textXml, log, platform } = await cloudWorld(t)
  assert.equal((await push(textXml('天安门'), { signature: 'f'.repeat(40) })).status, 403)
  assert.equal((await push(textXml('天安门'), { nonce: 'another' })).status, 403)
  assert.equal((await push(textXml('天安门').replace('gh_1', 'gh_2'))).status, 400)
  assert.equal((await push('<xml>')).status, 400)
  assert.equal((await push(textXml('a'.repeat(70_000)))).status, 413)
  assert.equal(log.all.filter(({ event }) => event === 'push-taken').length, 0)
  assert.equal(platform.calls.all.length, 0)
})

test('whatever the store does, WeChat gets its answer in time', async (t) => {
  const inner = await openLibsqlStore('libsql::memory:')
  let hang = false
  const hanging: SqlStore = {
    execute: (sql, params) => (hang ? new Promise(() => undefined) : inner.execute(sql, params)),
    query: (sql, params) => inner.query(sql, params),
    transaction: (work) => inner.transaction(work),
    close: () => inner.close(),
  }
  const world = await cloudWorld(t, { passiveReplyMs: 50, store: hanging })
  hang = true
  assert.match(await world.say('天安门'), /已收到，正在办理/)
})

test('a store that fails is told as trouble, and the push is answered', async (t) => {
  const inner = await openLibsqlStore('libsql::memory:')
  let broken = false
  const failing: SqlStore = {
    execute: (sql, params) => (broken ? Promise.reject(new Error('disk full')) : inner.execute(sql, params)),
    query: (sql, params) => inner.query(sql, params),
    transaction: (work) => inner.transaction(work),
    close: () => inner.close(),
  }
  const world = await cloudWorld(t, { store: failing })
  broken = true
  assert.match(await world.say('天安门'), /没有办成/)
  broken = false
})

const AES_KEY = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG'
const cipher = new PushCipher(AES_KEY, 'wx1')

/** A push of the modes compatible and safe; `change` makes it one that is forged. */
function sealed(xml: string, change: { appId?: string; signature?: string } = {}) {
  const ciphertext = new PushCipher(AES_KEY, change.appId ?? 'wx1').encrypt(xml, Buffer.alloc(16, 1))
  const body = writeXml({ ToUserName: 'gh_1', Encrypt: ciphertext })
  const timestamp = String(Date.parse('2026-01-01T00:00:00Z') / 1000)
  const msg_signature = change.signature ?? signPush('AAAAA', timestamp, 'n1', ciphertext)
  const signed = { nonce: 'n1', signature: signPush('AAAAA', timestamp, 'n1') }
  return { body, query: { ...signed, encrypt_type: 'aes', msg_signature } }
}

test('in safe mode pushes are opened and answers closed', async (t) => {
  const world = await cloudWorld(t, { aesKey: AES_KEY })
  const { body, query } = sealed(world.textXml('天安门'))
  const reply = await world.push(body, query)
  const fields = readXml(reply.body)
  const ciphertext = textOf(fields, 'Encrypt')
  const signature = signPush('AAAAA', textOf(fields, 'TimeStamp'), textOf(fields, 'Nonce'), ciphertext)
  assert.equal(textOf(fields, 'MsgSignature'), signature)
  assert.equal(textOf(fields, 'Nonce'), 'n1')
  assert.match(cipher.decrypt(ciphertext), /已为您预约车位 B-17/)
  const event = world
    .textXml('x')
    .replace(/<MsgType>.*<\/MsgId>/, '<MsgType>event</MsgType><Event>VIEW</Event>')
  const silent = sealed(event)
  assert.equal((await world.push(silent.body, silent.query)).body, 'success')
})

test('in safe mode what is forged, foreign or not encrypted is refused', async (t) => {
  const world = await cloudWorld(t, { aesKey: AES_KEY })
  const xml = world.textXml('天安门')
  const forged = [
    sealed(xml, { signature: 'f'.repeat(40) }),
    sealed(xml, { signature: '' }),
    sealed(xml, { appId: 'wx2' }),
    { body: xml, query: {} as Record<string, string> },
    { ...sealed(xml), query: { encrypt_type: 'raw' } as Record<string, string> },
  ]
  for (const { body, query } of forged) assert.equal((await world.push(body, query)).status, 403)
  assert.equal((await world.push('<xml>', sealed(xml).query)).status, 400)
  assert.equal(world.platform.calls.all.length, 0)
  const plain = await cloudWorld(t)
  const { body, query } = sealed(xml)
  assert.equal((await plain.push(body, query)).status, 403)
})

test('a push is refused when it is replayed after its window', async (t) => {
  const world = await cloudWorld(t)
  const at = (seconds: number) => String(Date.parse('2026-01-01T00:00:00Z') / 1000 + seconds)
  const push = (timestamp: string) =>
    world.push(world.textXml('帮助'), {
      timestamp,
      nonce: 'n1',
      signature: signPush('AAAAA', timestamp, 'n1'),
    })
  for (const offset of [-900, 900]) assert.equal((await push(at(offset))).status, 200)
  for (const offset of [-901, 901]) {
    assert.deepEqual(await push(at(offset)), { status: 403, body: 'timestamp-outside-window' })
  }
})
