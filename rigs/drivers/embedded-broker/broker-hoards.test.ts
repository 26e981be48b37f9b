import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test, type TestContext } from 'node:test'
import { connect, connectAsync, type IClientOptions, type MqttClient } from 'mqtt'
import { startEmbeddedBroker, type BrokerRefusal } from './embedded-broker.js'
import { connectPacket, publishPacket, rawSocket, subscribePacket } from './fixtures/raw-mqtt.js'
import { MOST_QUEUED_BYTES } from './session-store.js'
import { MOST_UNREAD_BYTES } from './slow-reader.js'

const lock = (username: string) => ({
  username,
  password: `secret of ${username}`,
  publish: [`locks/${username}/events`],
  subscribe: [`locks/${username}/commands`],
})
const PLATFORM = {
  username: 'platform',
  password: 'secret of platform',
  publish: ['locks/+/commands'],
  subscribe: ['locks/+/events'],
}
const PAYLOAD = Buffer.alloc(60_000, 'x')

const login = (username: string) => ({ username, password: `secret of ${username}`, clientId: username })
const nextMessage = (client: MqttClient) =>
  new Promise<string>((resolve) => void client.once('message', (_topic, body) => resolve(body.toString())))

async function openBroker(t: TestContext) {
  const credentials = [lock('L-1'), lock('L-2'), PLATFORM]
  const broker = await startEmbeddedBroker({ host: '127.0.0.1', port: 0, credentials })
  const refusals: BrokerRefusal[] = []
  broker.onRefusal((refusal) => refusals.push(refusal))
  t.after(() => broker.close())
  const join = async (username: string, options: IClientOptions = {}) => {
    const client = await connectAsync(broker.url, { reconnectPeriod: 0, ...login(username), ...options })
    client.on('error', () => undefined)
    t.after(() => client.endAsync(true))
    return client
  }
  return { broker, refusals, join }
}

/** Memory outside of the heap, where payloads are. */
async function externalBytes(): Promise<number> {
  const { gc } = globalThis as { gc?: () => void }
  assert.ok(gc, 'run with --expose-gc')
  // What the collector finds is freed in a turn after it.
  for (let turn = 0; turn < 5; turn++) {
    await new Promise((resolve) => setImmediate(resolve))
    gc()
  }
  return process.memoryUsage().arrayBuffers
}

test('a client that never sends PUBREL keeps no payload in the broker, in one connection or in many', async (t) => {
  const { setFlagsFromString } = await import('node:v8')
  setFlagsFromString('--expose-gc')
  const { runInNewContext } = await import('node:vm')
  ;(globalThis as { gc?: unknown }).gc = runInNewContext('gc')
  const { broker } = await openBroker(t)
  const before = await externalBytes()
  for (let connection = 0; connection < 4; connection++) {
    const socket = await rawSocket(broker.url)
    socket.write(connectPacket({ ...lock('L-1'), clientId: 'L-1', clean: false }))
    await once(socket, 'data')
    let received = 0
    const all = new Promise<void>((resolve) => {
      socket.on('data', (chunk: Buffer) => void ((received += chunk.length) >= 4 * 400 && resolve()))
    })
    for (let i = 0; i < 400; i++) {
      socket.write(publishPacket('locks/L-1/events', PAYLOAD, 2, connection * 400 + i + 1))
    }
    await all
    socket.destroy()
    await once(socket, 'close')
  }
  const kept = (await externalBytes()) - before
  assert.ok(kept < 8 * 1024 * 1024, `${kept} bytes are kept of ${1_600 * PAYLOAD.length}`)
})

test('what waits for a client that is away is bounded, refused by name, and comes when it is back', async (t) => {
  const { broker, refusals, join } = await openBroker(t)
  const away = await join('platform', { clean: false })
  await away.subscribeAsync('locks/+/events', { qos: 1 })
  await away.endAsync()
  const fits = Math.floor(MOST_QUEUED_BYTES / (PAYLOAD.length + 200))
  const writer = await join('L-1')
  for (let i = 0; i < fits + 40; i++) await writer.publishAsync('locks/L-1/events', PAYLOAD, { qos: 1 })
  // The last acknowledgement comes before the message is queued; a message of its own is behind all of them.
  await writer.subscribeAsync('locks/L-1/commands')
  assert.ok(refusals.length >= 30)
  const refusal = { username: 'platform', what: 'delivery', reason: 'queue-full' }
  for (const one of refusals) assert.deepEqual(one, refusal)

  const back = connect(broker.url, { ...login('platform'), clean: false, reconnectPeriod: 0 })
  t.after(() => back.endAsync(true))
  // As many as were not refused, and after these nothing but what is published now.
  const due = fits + 40 - refusals.length
  const sizes: number[] = []
  await new Promise<void>((resolve) => {
    back.on('message', (_topic, payload) => void (sizes.push(payload.length) === due && resolve()))
  })
  await writer.publishAsync('locks/L-1/events', 'fence', { qos: 1 })
  assert.equal(await nextMessage(back), 'fence')
  assert.deepEqual(new Set(sizes.slice(0, due)), new Set([PAYLOAD.length]))
})

test('a client that reads nothing holds up no other, and is cut at the limit', async (t) => {
  const { broker, refusals, join } = await openBroker(t)
  const [platform, two] = [await join('platform'), await join('L-2')]
  await two.subscribeAsync('locks/L-2/commands', { qos: 1 })
  const slow = await rawSocket(broker.url)
  const hello = connectPacket({ ...lock('L-1'), clientId: 'L-1', clean: true })
  slow.write(Buffer.concat([hello, subscribePacket('locks/L-1/commands', 1, 1)]))
  for (let bytes = 0; bytes < 9;) bytes += ((await once(slow, 'data')) as [Buffer])[0].length
  slow.pause()
  const enough = Math.ceil((MOST_UNREAD_BYTES + 16 * 1024 * 1024) / PAYLOAD.length)
  for (let i = 0; i < enough; i++) await platform.publishAsync('locks/L-1/commands', PAYLOAD, { qos: 1 })
  const heard = nextMessage(two)
  await platform.publishAsync('locks/L-2/commands', 'open', { qos: 1 })
  assert.equal(await heard, 'open')
  assert.deepEqual(refusals, [{ username: 'L-1', what: 'delivery', reason: 'reads-too-slowly' }])
  slow.destroy()
})
