import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import type { Request } from 'express'
import { PushCipher } from '../../wechat-wire/push-cipher.js'
import { signPush } from '../../wechat-wire/push-signature.js'
import { readXml, textOf, writeXml } from '../../wechat-wire/strict-xml.js'
import { openidOf, platformWorld, textReply } from '../fixtures/platform-world.js'
import { CallbackRefused } from './callback-refused.js'
import { SERVICE_FAILED } from './shown-reply.js'

const AES_KEY = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG'
const cipher = new PushCipher(AES_KEY, 'wx1')
const bodyOf = (request: Request) => request.body as string
const queryOf = (request: Request) => request.query as Record<string, string>

test('a plain push is signed, and its answer shown', async (t) => {
  const pushes: Request[] = []
  const world = await platformWorld(t, {
    answer: (request, response) => {
      pushes.push(request)
      response.send(textReply(openidOf(request), '好的'))
    },
  })
  const openid = await world.user('tablet')
  await world.phone(openid, 'subscribe', { scene: 'car-1' })
  await world.settled()
  await world.phone(openid, 'text', { content: '北京 ]]> <西站>' })
  await world.settled()
  const [subscribed, said] = pushes
  assert.ok(subscribed && said)
  const event = readXml(bodyOf(subscribed))
  assert.deepEqual(
    ['Event', 'EventKey', 'MsgId'].map((name) => textOf(event, name)),
    ['subscribe', 'qrscene_car-1', ''],
  )
  const { signature, timestamp = '', nonce = '', encrypt_type } = queryOf(said)
  assert.equal(signature, signPush('AAAAA', timestamp, nonce))
  assert.equal(encrypt_type, undefined)
  assert.equal(queryOf(said)['openid'], openid)
  assert.match(said.get('content-type') ?? '', /^text\/xml/)
  const message = readXml(bodyOf(said))
  assert.equal(textOf(message, 'Content'), '北京 ]]> <西站>')
  assert.match(textOf(message, 'MsgId'), /^\d{19}$/)
  assert.ok(BigInt(textOf(message, 'MsgId')) > BigInt(Number.MAX_SAFE_INTEGER))
  const seen = await world.conversation(openid)
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

/** An answer encrypted as an account does it, unless the test has it wrong. */
function encrypted(
  request: Request,
  text: string,
  change: Record<string, string> = {},
  appId = 'wx1',
): string {
  const { nonce = '' } = queryOf(request)
  const ciphertext = new PushCipher(AES_KEY, appId).encrypt(
    textReply(openidOf(request), text),
    Buffer.alloc(16, 7),
  )
  const MsgSignature = signPush('AAAAA', '1767225600', nonce, ciphertext)
  return writeXml({ Encrypt: ciphertext, MsgSignature, TimeStamp: '1767225600', Nonce: nonce, ...change })
}

for (const mode of ['compatible', 'safe'] as const) {
  test(`a push in ${mode} mode is encrypted under a signature of its own, and an encrypted answer shown`, async (t) => {
    const pushes: Request[] = []
    const world = await platformWorld(t, {
      account: { mode, aesKey: AES_KEY },
      answer: (request, response) => {
        pushes.push(request)
        response.send(encrypted(request, '已加密'))
      },
    })
    const openid = await world.follower()
    await world.phone(openid, 'text', { content: '你好' })
    await world.settled()
    const push = pushes[1]
    assert.ok(push)
    const { timestamp = '', nonce = '', msg_signature, encrypt_type, signature } = queryOf(push)
    const outer = readXml(bodyOf(push))
    const ciphertext = textOf(outer, 'Encrypt')
    assert.equal(encrypt_type, 'aes')
    assert.equal(msg_signature, signPush('AAAAA', timestamp, nonce, ciphertext))
    assert.equal(signature, signPush('AAAAA', timestamp, nonce))
    assert.equal(textOf(readXml(cipher.decrypt(ciphertext)), 'Content'), '你好')
    const names = Object.keys(outer)
    if (mode === 'safe') assert.deepEqual(names, ['ToUserName', 'Encrypt'])
    else assert.deepEqual([textOf(outer, 'Content'), names.at(-1)], ['你好', 'Encrypt'])
    assert.equal((await world.conversation(openid)).messages.at(-1)?.text, '已加密')
  })
}

const other = (text: string) => text.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))
const MEBIBYTES_10 = 10 * 1024 * 1024
const WRONG_ANSWERS: ['plain' | 'compatible' | 'safe', string, string, (request: Request) => string][] = [
  ['plain', 'JSON by mistake', 'json-reply', () => '{"errcode":0}'],
  ['plain', '10 MB of text', 'xml-too-large', () => 'a'.repeat(MEBIBYTES_10)],
  ['plain', 'broken XML', 'xml-malformed', () => '<xml><ToUserName>'],
  [
    'plain',
    'From and To not swapped',
    'to-or-from-wrong',
    (request) => textReply('gh_1', 'a', openidOf(request)),
  ],
  ['plain', 'an encrypted reply', 'encrypted-reply-in-plain-mode', (request) => encrypted(request, 'a')],
  ['safe', 'a plain reply', 'plain-reply-in-safe-mode', (request) => textReply(openidOf(request), 'a')],
  [
    'safe',
    'a tampered signature',
    'reply-signature-wrong',
    (request) => encrypted(request, 'a', { MsgSignature: 'f'.repeat(40) }),
  ],
  [
    'safe',
    'a tampered ciphertext',
    'reply-signature-wrong',
    (request) => encrypted(request, 'a').replace(/(?<=<Encrypt><!\[CDATA\[)./, other),
  ],
  ['safe', 'a tampered nonce', 'reply-signature-wrong', (request) => encrypted(request, 'a', { Nonce: '1' })],
  ['safe', 'another appId', 'app-id-wrong', (request) => encrypted(request, 'a', {}, 'wx2')],
  [
    'compatible',
    'a wrong padding',
    'padding-wrong',
    (request) => {
      const good = Buffer.from(cipher.encrypt('x', Buffer.alloc(16)), 'base64')
      // in CBC this changes the padding of the next block's last byte, and nothing that is checked before
      good[good.length - 17] = (good[good.length - 17] ?? 0) ^ 0x80
      const ciphertext = good.toString('base64')
      const { nonce = '' } = queryOf(request)
      const MsgSignature = signPush('AAAAA', '1', nonce, ciphertext)
      return writeXml({ Encrypt: ciphertext, MsgSignature, TimeStamp: '1', Nonce: nonce })
    },
  ],
]
for (const [mode, what, refused, answer] of WRONG_ANSWERS) {
  test(`in ${mode} mode ${what} shows the user a failure, and is not asked for again`, async (t) => {
    let pushes = 0
    const world = await platformWorld(t, {
      account: { mode, aesKey: AES_KEY },
      answer: (request, response) => {
        pushes += 1
        response.send(answer(request))
      },
    })
    const openid = await world.follower()
    assert.equal(pushes, 1)
    assert.deepEqual(world.reasons(), [refused])
    const [shown] = (await world.conversation(openid)).messages
    assert.deepEqual([shown?.kind, shown?.text], ['notice', SERVICE_FAILED])
  })
}

for (const mode of ['plain', 'compatible', 'safe'] as const) {
  test(`success is never encrypted, in ${mode} mode either`, async (t) => {
    const world = await platformWorld(t, { account: { mode, aesKey: AES_KEY } })
    const openid = await world.follower()
    assert.deepEqual((await world.conversation(openid)).messages, [])
    assert.deepEqual(world.reasons(), [])
  })
}

test('compatible mode takes a plain reply, too', async (t) => {
  const world = await platformWorld(t, {
    account: { mode: 'compatible', aesKey: AES_KEY },
    answer: (request, response) => void response.send(textReply(openidOf(request), '明文')),
  })
  const openid = await world.follower()
  assert.equal((await world.conversation(openid)).messages[0]?.text, '明文')
})

for (const pushDeliveries of [1, 3, 4]) {
  test(`an unanswered push comes ${pushDeliveries} times, the same, and then the user sees a notice`, async (t) => {
    const ids: string[] = []
    const world = await platformWorld(t, {
      config: { pushDeliveries, pushTimeoutMs: 500 },
      answer: (request, response) => {
        const push = readXml(bodyOf(request))
        if (textOf(push, 'MsgType') === 'event') return void response.send('')
        ids.push(['MsgId', 'CreateTime', 'FromUserName', 'Content'].map((name) => textOf(push, name)).join())
        // all but the last connection break; the last is never answered
        if (ids.length < pushDeliveries) response.destroy()
      },
    })
    const openid = await world.follower()
    await world.phone(openid, 'text', { content: 'a' })
    await world.settled()
    assert.equal(ids.length, pushDeliveries)
    assert.equal(new Set(ids).size, 1)
    const last = (await world.conversation(openid)).messages.at(-1)
    assert.deepEqual([last?.kind, last?.text], ['notice', SERVICE_FAILED])
  })
}

test('an answer to the second delivery is shown, and no third is made', async (t) => {
  let pushes = 0
  const world = await platformWorld(t, {
    answer: (request, response) => {
      pushes += 1
      if (pushes === 1) response.destroy()
      else response.send(textReply(openidOf(request), 'second'))
    },
  })
  const openid = await world.follower()
  assert.equal(pushes, 2)
  assert.deepEqual(
    (await world.conversation(openid)).messages.map(({ text }) => text),
    ['second'],
  )
})

test('the connection of an unanswered push is cut, and said to be', async (t) => {
  const cut: Promise<unknown>[] = []
  const world = await platformWorld(t, {
    config: { pushDeliveries: 1, pushTimeoutMs: 200 },
    answer: (_request, response) => void cut.push(once(response, 'close')),
  })
  await world.follower()
  assert.equal(cut.length, 1)
  await cut[0]
  const [unanswered] = world.events.filter(({ event }) => event === 'push-unanswered')
  assert.match(String(unanswered?.fields['reason']), /no answer within 200 ms/)
})

test('an answer that never ends is cut off, too', async (t) => {
  const world = await platformWorld(t, {
    config: { pushDeliveries: 1 },
    answer: (_request, response) => void response.end('a'.repeat(70_000)),
  })
  const openid = await world.follower()
  assert.equal((await world.conversation(openid)).messages[0]?.kind, 'notice')
})

test('who has left sees no answer to their leaving', async (t) => {
  const world = await platformWorld(t, {
    answer: (request, response) => void response.send(textReply(openidOf(request), 'hello')),
  })
  const openid = await world.follower()
  await world.phone(openid, 'unsubscribe')
  await world.settled()
  assert.equal((await world.conversation(openid)).messages.length, 1)
  assert.equal((await world.phone(openid, 'text', { content: 'a' })).status, 409)
})

test('an event of which the user knows nothing shows no failure', async (t) => {
  const world = await platformWorld(t, {
    answer: (request, response) => {
      const isReport = textOf(readXml(bodyOf(request)), 'Event') === 'LOCATION'
      response.send(isReport ? textReply(openidOf(request), 'not now') : '')
    },
  })
  const openid = await world.follower()
  await world.phone(openid, 'position', { latitude: 39.9, longitude: 116.4 })
  await world.settled()
  assert.deepEqual(world.reasons(), ['reply-not-allowed'])
  assert.deepEqual((await world.conversation(openid)).messages, [])
})

test('eight articles may answer an event, and one a message', async (t) => {
  const item = '<item><Title>t</Title><Url>http://x/</Url></item>'
  const world = await platformWorld(t, {
    answer: (request, response) => {
      const head = `<ToUserName>${openidOf(request)}</ToUserName><FromUserName>gh_1</FromUserName><CreateTime>1</CreateTime>`
      response.send(
        `<xml>${head}<MsgType>news</MsgType><ArticleCount>8</ArticleCount><Articles>${item.repeat(8)}</Articles></xml>`,
      )
    },
  })
  const openid = await world.follower()
  assert.equal((await world.conversation(openid)).messages.filter(({ kind }) => kind === 'news').length, 8)
  await world.phone(openid, 'text', { content: 'a' })
  await world.settled()
  assert.equal((await world.conversation(openid)).messages.at(-1)?.kind, 'notice')
  assert.deepEqual(world.reasons(), ['article-count'])
})

test('a callback that does not echo is refused by name', async (t) => {
  const { wechat } = await platformWorld(t)
  await assert.rejects(wechat.connectCallback('wx1', `${wechat.url}/phone/settled`), (error) => {
    assert.ok(error instanceof CallbackRefused)
    assert.match(error.message, /HTTP 204/)
    return true
  })
  await assert.rejects(wechat.connectCallback('wx1', `${wechat.url}/phone/accounts`), /did not echo/)
  await assert.rejects(wechat.connectCallback('wx9', 'http://127.0.0.1:1'), /no account wx9/)
})

test('the verification of a URL is signed over token, timestamp and nonce', async (t) => {
  const asked: Record<string, string>[] = []
  const world = await platformWorld(t, {
    server: (request, response) => {
      if (request.method === 'GET') asked.push(queryOf(request))
      response.send(request.query['echostr'] ?? '')
    },
  })
  await world.follower()
  const [query] = asked
  assert.ok(query)
  const { signature, timestamp = '', nonce = '', echostr } = query
  assert.equal(signature, signPush('AAAAA', timestamp, nonce))
  assert.match(echostr ?? '', /^[\w-]{19}$/)
  assert.equal(asked.length, 1, 'once, before the first push')
})
