import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readXml, textOf } from '../../wechat-wire/strict-xml.js'
import { openidOf, platformWorld, textReply } from '../fixtures/platform-world.js'

test('repeated: an answered push is delivered again, and its answer shown once', async (t) => {
  let pushes = 0
  const world = await platformWorld(t, {
    answer: (request, response) => {
      pushes += 1
      response.send(textReply(openidOf(request), 'once'))
    },
  })
  assert.equal((await world.faults({ repeatDeliveries: 3 })).status, 204)
  const openid = await world.follower()
  assert.equal(pushes, 3)
  assert.equal((await world.conversation(openid)).messages.length, 1)
})

test('lost: a push never reaches the account, and the next does', async (t) => {
  const said: string[] = []
  const world = await platformWorld(t, {
    answer: (request, response) => {
      said.push(textOf(readXml(request.body as string), 'Content'))
      response.send('')
    },
  })
  const openid = await world.follower()
  await world.faults({ losePushes: 1 })
  for (const content of ['lost', 'kept']) await world.phone(openid, 'text', { content })
  await world.settled()
  assert.deepEqual(said, ['', 'kept'])
})

test('reordered: pushes arrive last first, and those that are held come out when the fault is switched off', async (t) => {
  const said: string[] = []
  const world = await platformWorld(t, {
    answer: (request, response) => {
      said.push(textOf(readXml(request.body as string), 'Content'))
      response.send('')
    },
  })
  const openid = await world.follower()
  said.length = 0
  await world.faults({ reorderPushes: 3 })
  for (const content of ['1', '2', '3', '4']) await world.phone(openid, 'text', { content })
  await world.settled()
  assert.deepEqual(
    said.filter((content) => content !== '4'),
    ['3', '2', '1'],
  )
  said.length = 0
  await world.faults({ reorderPushes: 3 })
  await world.phone(openid, 'text', { content: 'held' })
  await world.settled()
  assert.deepEqual(said, [])
  await world.faults({})
  await world.settled()
  assert.deepEqual(said, ['held'])
})

test('slow: a push waits, and so does a call', async (t) => {
  const world = await platformWorld(t)
  await world.faults({ pushDelayMs: 30, apiDelayMs: 30 })
  const started = performance.now()
  await world.follower()
  await world.accessToken()
  // the delays are wall time by their nature; only that they were kept is asserted
  assert.ok(performance.now() - started >= 55)
})

test('a token revoked early is invalid, and a new one is given', async (t) => {
  const world = await platformWorld(t)
  const token = await world.accessToken()
  const control = { authorization: 'Bearer control' }
  assert.equal((await world.ask('POST', '/control/tokens/revoke', { appId: 'wx1' }, control)).status, 204)
  const { body } = await world.ask('GET', `/cgi-bin/menu/get?access_token=${token}`)
  assert.equal(body['errcode'], 40001)
  assert.notEqual(await world.accessToken(), token)
  assert.equal((await world.api('GET', '/cgi-bin/menu/get'))['errcode'], 46003)
})

test('quota spent, allow-list refusal, text/plain, 5xx, and down', async (t) => {
  const world = await platformWorld(t)
  const menu = async () => (await world.api('GET', '/cgi-bin/menu/get'))['errcode']
  await world.faults({ quotaSpent: ['/cgi-bin/menu/get'] })
  assert.equal(await menu(), 45009)
  await world.faults({ textPlain: true })
  const token = await world.accessToken()
  const answer = await fetch(`${world.wechat.url}/cgi-bin/menu/get?access_token=${token}`)
  assert.match(answer.headers.get('content-type') ?? '', /^text\/plain/)
  assert.equal(((await answer.json()) as { errcode: number }).errcode, 46003)
  await world.faults({ refuseAddresses: true })
  assert.equal(await world.accessToken(), 'undefined')
  await world.faults({ apiFailures: 2, apiFailureStatus: 502 })
  const statuses = []
  for (let i = 0; i < 3; i++) {
    statuses.push((await fetch(`${world.wechat.url}/cgi-bin/menu/get?access_token=${token}`)).status)
  }
  assert.deepEqual(statuses, [502, 502, 200])
  await world.faults({ apiDown: true })
  await assert.rejects(world.accessToken(), /fetch failed/)
  assert.equal((await world.ask('GET', '/phone/accounts')).status, 200, 'phones still reach it')
  await world.faults({})
  assert.equal(await menu(), 46003)
})

test('nobody without the token switches anything, and nothing without a name', async (t) => {
  const world = await platformWorld(t)
  assert.equal((await world.ask('PUT', '/control/faults', {})).status, 401)
  const wrong = { authorization: 'Bearer controls' }
  assert.equal((await world.ask('PUT', '/control/faults', {}, wrong)).status, 401)
  assert.equal((await world.faults({ gremlins: true })).status, 400)
  const off = await platformWorld(t, { config: { controlToken: undefined as unknown as string } })
  assert.equal((await off.faults({})).body['error'], 'control-off')
})
