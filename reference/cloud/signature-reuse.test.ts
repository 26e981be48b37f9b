import assert from 'node:assert/strict'
import { test } from 'node:test'
import { signPush } from '../wechat-wire/push-signature.js'
import { cloudWorld, NOW } from './fixtures/cloud-world.js'

const USED = { status: 403, body: 'signature-used' }

/** Timestamp and nonce of a push that was caught, and those that fit the same signature when `laterSeconds` are over. */
const REUSES = [
  ['swapped', '1767225600', '1767229600', '1767229600', '1767225600', 4_000],
  ['with the nonce a day ahead', '1767225600', '1767312000', '1767312000', '1767225600', 86_400],
  ['parted elsewhere', '1767225600', '61767229600', '1767229600', '17672256006', 4_000],
] as const

for (const [how, timestamp, nonce, laterTimestamp, laterNonce, laterSeconds] of REUSES) {
  test(`a caught signature makes no other push good later: ${how}`, async (t) => {
    let nowMs = NOW
    const world = await cloudWorld(t, { now: () => nowMs })
    const signature = signPush('AAAAA', timestamp, nonce)
    assert.equal((await world.push(world.textXml('帮助', '1'), { timestamp, nonce, signature })).status, 200)
    nowMs += laterSeconds * 1_000
    // Other pushes take what is old with them.
    const between = { timestamp: String(nowMs / 1_000), nonce: 'between' }
    const other = { ...between, signature: signPush('AAAAA', between.timestamp, between.nonce) }
    assert.equal((await world.push(world.textXml('帮助', '2'), other)).status, 200)
    const again = { timestamp: laterTimestamp, nonce: laterNonce, signature }
    assert.deepEqual(await world.push(world.textXml('天安门', '3'), again), USED)
    assert.equal(world.platform.calls.all.length, 0)
  })
}

test('a signature of a verification makes no push good, nor one of a push a verification', async (t) => {
  const world = await cloudWorld(t)
  const timestamp = String(NOW / 1_000)
  const signed = (nonce: string) => ({ timestamp, nonce, signature: signPush('AAAAA', timestamp, nonce) })
  const verify = async (nonce: string) => {
    const query = new URLSearchParams({ ...signed(nonce), echostr: 'hello' })
    const response = await fetch(`${world.cloud.url}/wechat?${query.toString()}`)
    return { status: response.status, body: await response.text() }
  }
  assert.deepEqual(await verify('a'), { status: 200, body: 'hello' })
  assert.deepEqual(await verify('a'), { status: 200, body: 'hello' }, 'repeated by WeChat')
  assert.deepEqual(await world.push(world.textXml('天安门', '1'), signed('a')), USED)
  assert.equal((await world.push(world.textXml('帮助', '2'), signed('b'))).status, 200)
  assert.deepEqual(await verify('b'), USED)
})

test('a timestamp is written in one way', async (t) => {
  const world = await cloudWorld(t)
  const timestamp = `0${NOW / 1_000}`
  const signed = { timestamp, nonce: 'n', signature: signPush('AAAAA', timestamp, 'n') }
  assert.deepEqual(await world.push(world.textXml('帮助'), signed), {
    status: 403,
    body: 'timestamp-outside-window',
  })
})
