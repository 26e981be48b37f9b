import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test, type TestContext } from 'node:test'
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt'
import { MOST_CLIENT_IDS } from './broker-clients.js'
import { startEmbeddedBroker, type BrokerRefusal } from './embedded-broker.js'
import { connectPacket, rawSocket, subscribePacket, type ConnectOptions } from './fixtures/raw-mqtt.js'

const CREDENTIAL = {
  username: 'L-1',
  password: 'secret of L-1',
  publish: ['locks/L-1/events', 'locks/L-1/status'],
  subscribe: ['locks/L-1/commands'],
}
const PLATFORM = {
  username: 'platform',
  password: 'secret of platform',
  publish: ['locks/+/commands'],
  subscribe: ['locks/+/events', 'locks/+/status'],
}

const nextMessage = (client: MqttClient) =>
  new Promise<string>((resolve) => void client.once('message', (_topic, body) => resolve(body.toString())))
const closing = (client: MqttClient) =>
  new Promise<void>((resolve) => void client.once('close', () => resolve()))

async function openBroker(t: TestContext) {
  const broker = await startEmbeddedBroker({
    host: '127.0.0.1',
    port: 0,
    credentials: [CREDENTIAL, PLATFORM],
  })
  const refusals: BrokerRefusal[] = []
  broker.onRefusal((refusal) => refusals.push(refusal))
  t.after(() => broker.close())
  const join = async (options: IClientOptions, credential = CREDENTIAL) => {
    const { username, password } = credential
    const client = await connectAsync(broker.url, { reconnectPeriod: 0, username, password, ...options })
    client.on('error', () => undefined)
    t.after(() => client.endAsync(true))
    return client
  }
  return { broker, refusals, join }
}

/** Connects and resets (TCP RST): at once, after a turn of the loop, or when the CONNACK has come. */
async function reset(url: string, at: number, options: Partial<ConnectOptions>): Promise<void> {
  const socket = await rawSocket(url)
  const closed = once(socket, 'close')
  socket.write(connectPacket({ ...CREDENTIAL, clientId: 'x', clean: true, ...options }))
  if (at === 1) await new Promise((resolve) => setImmediate(resolve))
  if (at === 2) await once(socket, 'data')
  socket.resetAndDestroy()
  await closed
}

for (const clean of [true, false]) {
  test(`a thousand connections that are reset do not use up a credential, clean session ${clean}`, async (t) => {
    const { broker, refusals, join } = await openBroker(t)
    const watcher = await join({ clientId: 'platform' }, PLATFORM)
    const heard: string[] = []
    watcher.on('message', (_topic, payload) => heard.push(payload.toString()))
    await watcher.subscribeAsync('locks/+/status', { qos: 1 })
    for (let from = 0; from < 1_000; from += 50) {
      await Promise.all(
        Array.from({ length: 50 }, (_, i) =>
          reset(broker.url, i % 3, { clientId: `r-${from + i}`, clean, will: 'locks/L-1/status' }),
        ),
      )
    }
    assert.deepEqual(refusals, [])
    // Every place is free again: as many as are allowed get in, and no more.
    for (let i = 0; i < MOST_CLIENT_IDS; i++) await join({ clientId: `now-${i}` })
    await assert.rejects(join({ clientId: 'one-more' }), { code: 2 })
    assert.deepEqual(
      refusals.map(({ reason }) => reason),
      ['too-many-client-ids'],
    )
  })
}

test('connections of one id that are reset take nothing from the one that is connected under it', async (t) => {
  const { broker, refusals, join } = await openBroker(t)
  const platform = await join({ clientId: 'platform' }, PLATFORM)
  for (let round = 0; round < 20; round++) {
    // Takeovers that break off: whichever of them got through, the id goes to the next one whole.
    await Promise.all([0, 1, 0, 1].map((at) => reset(broker.url, at, { clientId: 'L-1', clean: false })))
    const lock = await join({ clientId: 'L-1', clean: false })
    await lock.subscribeAsync('locks/L-1/commands', { qos: 1 })
    const command = nextMessage(lock)
    await platform.publishAsync('locks/L-1/commands', `round ${round}`, { qos: 1 })
    assert.equal(await command, `round ${round}`)
    // The takeover of a connected client is noticed by it: two of one id would share the commands.
    const gone = closing(lock)
    const other = await join({ clientId: 'L-1', clean: false })
    await gone
    await other.endAsync()
  }
  assert.deepEqual(refusals, [])
})

test('a session that was begun lasts, and counts, until its client begins a clean one', async (t) => {
  const { broker, refusals, join } = await openBroker(t)
  for (let i = 0; i < MOST_CLIENT_IDS; i++) {
    const socket = await rawSocket(broker.url)
    const connect = connectPacket({ ...CREDENTIAL, clientId: `s-${i}`, clean: false })
    socket.write(Buffer.concat([connect, subscribePacket('locks/L-1/commands', 1, 1)]))
    // CONNACK and SUBACK.
    for (let bytes = 0; bytes < 9;) bytes += ((await once(socket, 'data')) as [Buffer])[0].length
    const closed = once(socket, 'close')
    socket.resetAndDestroy()
    await closed
  }
  await assert.rejects(join({ clientId: 'one-more' }), { code: 2 })
  await assert.rejects(join({ clientId: 's-7' }, PLATFORM), { code: 2 }, 'what is queued for it is its own')
  await (await join({ clientId: 's-7', clean: true })).endAsync()
  await (await join({ clientId: 'one-more' })).endAsync()
  assert.deepEqual(
    refusals.map(({ reason }) => reason),
    ['too-many-client-ids', 'client-id-of-another'],
  )
})
