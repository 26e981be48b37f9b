import assert from 'node:assert/strict'
import { connect as connectTcp, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt'
import { startEmbeddedBroker, type BrokerMessage } from './embedded-broker.js'
import { logRefusals } from './log-refusals.js'
import { MAX_PACKET_BYTES } from './packet-limit.js'

const lock = (lockId: string) => ({
  username: lockId,
  password: `secret of ${lockId}`,
  publish: [`locks/${lockId}/events`, `locks/${lockId}/status`],
  subscribe: [`locks/${lockId}/commands`],
})
const platform = {
  username: 'platform',
  password: 'secret of platform',
  publish: ['locks/+/commands'],
  subscribe: ['locks/+/events', 'locks/+/status'],
}

/** A broker whose log and traffic are kept; time stands until a test moves it. */
async function attackedBroker(t: TestContext) {
  const broker = await startEmbeddedBroker({
    host: '127.0.0.1',
    port: 0,
    credentials: [platform, lock('L-17'), lock('L-18')],
  })
  const time = { ms: 0 }
  const log: string[] = []
  const record = (event: string, fields: object = {}) => void log.push(JSON.stringify({ event, ...fields }))
  logRefusals(broker, { record }, () => time.ms)
  const carried: BrokerMessage[] = []
  broker.onPublish((message) => carried.push(message))
  const clients: MqttClient[] = []
  t.after(async () => {
    for (const client of clients) await client.endAsync(true)
    await broker.close()
  })
  return {
    broker,
    time,
    log,
    carried,
    connect: async (username: string, options: IClientOptions = {}) => {
      const password = `secret of ${username}`
      const client = await connectAsync(broker.url, { reconnectPeriod: 0, username, password, ...options })
      client.on('error', () => undefined)
      clients.push(client)
      return client
    },
  }
}

const logged = (username: string, what: string, reason: string, topic?: string) =>
  JSON.stringify({ event: 'broker-refused', username, what, reason, ...(topic && { topic }) })

/** Resolves with the next message that a client gets. */
const heardBy = (client: MqttClient) =>
  new Promise<string>((resolve) => {
    client.once('message', (topic, payload) => resolve(`${topic} ${payload.toString()}`))
  })
const closing = (client: MqttClient | Socket) =>
  new Promise<void>((resolve) => void client.once('close', () => resolve()))

test('nobody takes over the session of another: neither a connected one, nor one that is yet to come', async (t) => {
  const { connect, log, carried } = await attackedBroker(t)
  const victim = await connect('platform', { clientId: 'platform', clean: false })
  await victim.subscribeAsync('locks/+/events', { qos: 1 })
  await assert.rejects(connect('L-18', { clientId: 'platform', clean: false }), { code: 2 })
  // L-17 is not there yet: whoever came first as L-17 would have its commands, and lock it out.
  await assert.rejects(connect('L-18', { clientId: 'L-17', clean: false }), { code: 2 })
  assert.deepEqual(log, [
    logged('L-18', 'connect', 'client-id-of-another'),
    logged('L-18', 'connect', 'client-id-of-another'),
  ])
  assert.deepEqual(carried, [])
  const own = await connect('L-17', { clientId: 'L-17', clean: false })
  const heard = heardBy(victim)
  await own.publishAsync('locks/L-17/events', 'mine', { qos: 1 })
  assert.equal(await heard, 'locks/L-17/events mine')
})

test('a packet that is too long ends its connection before it is read, with or without a login', async (t) => {
  const { broker, connect, log, carried } = await attackedBroker(t)
  const attacker = await connect('L-18')
  const closed = closing(attacker)
  attacker.publish('locks/L-18/events', Buffer.alloc(MAX_PACKET_BYTES + 1))
  await closed
  // A stranger who announces 256 MB, and one whose length never ends.
  for (const header of [
    [0x10, 0xff, 0xff, 0xff, 0x7f],
    [0x10, 0x80, 0x80, 0x80, 0x80],
  ]) {
    const socket = connectTcp({ host: '127.0.0.1', port: Number(new URL(broker.url).port) })
    socket.on('error', () => undefined)
    socket.write(Buffer.from(header))
    await closing(socket)
  }
  assert.deepEqual(log, [
    logged('L-18', 'packet', 'packet-too-long'),
    logged('?', 'packet', 'packet-too-long'),
    logged('?', 'packet', 'packet-too-long'),
  ])
  assert.deepEqual(carried, [])
  const longest = await connect('L-18')
  const topic = 'locks/L-18/events'
  await longest.publishAsync(topic, Buffer.alloc(MAX_PACKET_BYTES - topic.length - 4), { qos: 1 })
  assert.equal(carried.length, 1, 'the longest that is allowed passes')
})

test('one credential cannot fill the broker with sessions', async (t) => {
  const { connect, log } = await attackedBroker(t)
  for (let i = 0; i < 64; i++) {
    await (await connect('L-18', { clientId: `session-${i}`, clean: false })).endAsync()
  }
  await assert.rejects(connect('L-18', { clientId: 'one-more', clean: false }), { code: 2 })
  assert.deepEqual(log, [logged('L-18', 'connect', 'too-many-client-ids')])
  await connect('L-18', { clientId: 'session-0', clean: false })
  await connect('L-17', { clientId: 'anything', clean: false })
})

test('what is planted on another’s topic is not kept for who comes later, and wildcards are no topic', async (t) => {
  const { connect, log, carried } = await attackedBroker(t)
  for (const topic of ['locks/L-17/commands', 'locks/L-17/status']) {
    const planter = await connect('L-18')
    const closed = closing(planter)
    planter.publish(topic, '{"type":"unlock"}', { retain: true })
    await closed
  }
  const planted: string[] = []
  const [victim, reader] = [await connect('L-17'), await connect('platform')]
  for (const client of [victim, reader]) client.on('message', (topic) => planted.push(topic))
  await victim.subscribeAsync('locks/L-17/commands', { qos: 1 })
  await reader.subscribeAsync('locks/+/status', { qos: 1 })
  const fence = heardBy(victim)
  await reader.publishAsync('locks/L-17/commands', 'fence', { qos: 1 })
  await fence
  assert.deepEqual(planted, ['locks/L-17/commands'])
  assert.equal(carried.length, 1)
  assert.deepEqual(log, [
    logged('L-18', 'publish', 'topic-not-allowed', 'locks/L-17/commands'),
    logged('L-18', 'publish', 'topic-not-allowed', 'locks/L-17/status'),
  ])
})

test('of a flood of guesses ten a minute are written, then how many there were; no guess is', async (t) => {
  const { connect, log, time } = await attackedBroker(t)
  const guess = () => assert.rejects(connect('L-17', { password: 'hunter2' }), { code: 4 })
  for (let i = 0; i < 14; i++) await guess()
  const line = logged('?', 'connect', 'credential-wrong')
  assert.deepEqual(
    log,
    Array.from({ length: 10 }, () => line),
  )
  time.ms = 60_000
  await guess()
  const most = [{ source: '?', kind: 'credential-wrong', count: 4 }]
  const more = JSON.stringify({ event: 'refusals-omitted', of: 'broker-refused', count: 4, kinds: 1, most })
  assert.deepEqual(log.slice(10), [more, line])
  assert.doesNotMatch(log.join(''), /hunter2/)
})
