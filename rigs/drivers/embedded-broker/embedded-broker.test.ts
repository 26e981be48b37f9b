import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt'
import { startEmbeddedBroker, type BrokerMessage, type EmbeddedBroker } from './embedded-broker.js'

const lock = (lockId: string) => ({
  username: lockId,
  password: `secret of ${lockId}`,
  publish: [`locks/${lockId}/events`, `locks/${lockId}/status`],
  subscribe: [`locks/${lockId}/commands`],
})
const platform = {
  username: 'platform',
  password: 'secret of the platform',
  publish: ['locks/+/commands'],
  subscribe: ['locks/+/events', 'locks/+/status'],
}

describe('embedded broker', () => {
  let broker: EmbeddedBroker
  let connected: MqttClient[]

  const connect = async (username: string, options: IClientOptions = {}) => {
    const password = options.password ?? `secret of ${username === 'platform' ? 'the platform' : username}`
    const client = await connectAsync(broker.url, { reconnectPeriod: 0, ...options, username, password })
    client.on('error', () => undefined)
    connected.push(client)
    return client
  }
  const nextMessage = (client: MqttClient) =>
    new Promise<string>((resolve) => {
      client.once('message', (topic, payload) => resolve(`${topic} ${payload.toString()}`))
    })
  const cutOff = (client: MqttClient) => new Promise<void>((resolve) => client.once('close', () => resolve()))

  beforeEach(async () => {
    connected = []
    broker = await startEmbeddedBroker({
      host: '127.0.0.1',
      port: 0,
      credentials: [lock('L-1'), lock('L-2'), platform],
    })
  })
  afterEach(async () => {
    for (const client of connected) await client.endAsync(true)
    await broker.close()
    await broker.close()
  })

  it('refuses a wrong password, an unknown name and another credential’s client id', async () => {
    await connect('L-1', { clientId: 'first-come' })
    await assert.rejects(connect('L-1', { password: 'guess' }), { code: 4 })
    await assert.rejects(connect('L-9', { password: '' }), { code: 4 })
    await assert.rejects(connect('L-2', { clientId: 'first-come' }), { code: 2 })
    await connect('L-1', { clientId: 'first-come' })
    await assert.rejects(connect('L-2', { clientId: 'first-come' }), { code: 2 }, 'after a takeover too')
  })

  it('carries a lock’s own topics both ways, and tells the tap who wrote what', async () => {
    const heard: BrokerMessage[] = []
    broker.onPublish((message) => heard.push(message))
    const [one, service] = [await connect('L-1'), await connect('platform')]
    await one.subscribeAsync('locks/L-1/commands', { qos: 1 })
    await service.subscribeAsync('locks/+/events', { qos: 1 })
    const command = nextMessage(one)
    await service.publishAsync('locks/L-1/commands', 'open', { qos: 1 })
    assert.equal(await command, 'locks/L-1/commands open')
    const event = nextMessage(service)
    await one.publishAsync('locks/L-1/events', 'opened', { qos: 1 })
    assert.equal(await event, 'locks/L-1/events opened')
    assert.deepEqual(
      heard.map(({ username, topic, qos, retain }) => ({ username, topic, qos, retain })),
      [
        { username: 'platform', topic: 'locks/L-1/commands', qos: 1, retain: false },
        { username: 'L-1', topic: 'locks/L-1/events', qos: 1, retain: false },
      ],
    )
  })

  for (const filter of ['locks/L-1/commands', 'locks/+/commands', 'locks/#', '#', 'locks/L-1/events']) {
    it(`does not let lock L-2 read ${filter}`, async () => {
      const two = await connect('L-2')
      await assert.rejects(two.subscribeAsync(filter, { qos: 1 }))
    })
  }

  for (const topic of ['locks/L-1/events', 'locks/L-1/status', 'locks/L-2/commands', '$SYS/x']) {
    it(`does not let lock L-2 write ${topic}`, async () => {
      const heard: BrokerMessage[] = []
      broker.onPublish((message) => heard.push(message))
      const two = await connect('L-2')
      const cut = cutOff(two)
      two.publish(topic, 'forged', { qos: 0, retain: true })
      await cut
      assert.deepEqual(heard, [])
    })
  }

  it('publishes a lock’s own will when it is cut off, and never one on another’s topic', async () => {
    const service = await connect('platform')
    await service.subscribeAsync('locks/+/status', { qos: 1 })
    const will = (topic: string) => ({ topic, payload: Buffer.from('gone'), qos: 1 as const, retain: true })
    const forger = await connect('L-2', { will: will('locks/L-1/status') })
    await connect('L-1', { will: will('locks/L-1/status') })
    const heard: BrokerMessage[] = []
    broker.onPublish((message) => heard.push(message))
    const forgerGone = cutOff(forger)
    broker.disconnect('L-2')
    await forgerGone
    const status = nextMessage(service)
    broker.disconnect('L-1')
    assert.equal(await status, 'locks/L-1/status gone')
    assert.deepEqual(
      heard.map(({ username, topic }) => [username, topic]),
      [['L-1', 'locks/L-1/status']],
    )
  })

  it('fails to start on a port that is taken', async () => {
    const port = Number(new URL(broker.url).port)
    await assert.rejects(startEmbeddedBroker({ host: '127.0.0.1', port, credentials: [] }), {
      code: 'EADDRINUSE',
    })
  })
})
