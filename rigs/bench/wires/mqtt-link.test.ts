import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { connectAsync } from 'mqtt'
import { startEmbeddedBroker } from '../../drivers/embedded-broker/embedded-broker.js'
import { MqttLink } from './mqtt-link.js'

const COMMANDS = 'locks/L-1/commands'

/** A platform at the broker, and a lock that reaches it through a link. */
async function open(t: TestContext) {
  const broker = await startEmbeddedBroker({
    host: '127.0.0.1',
    port: 0,
    credentials: [
      { username: 'platform', password: 'p', publish: ['locks/+/commands'], subscribe: ['locks/+/events'] },
      { username: 'L-1', password: 'l', publish: ['locks/L-1/events'], subscribe: [COMMANDS] },
    ],
  })
  t.after(() => broker.close())
  const link = await MqttLink.open({ url: broker.url, username: 'L-1', password: 'l' })
  t.after(() => link.close())
  const { url, ...credential } = link.access
  const lock = await connectAsync(url, credential)
  const platform = await connectAsync(broker.url, { username: 'platform', password: 'p' })
  t.after(() => Promise.all([lock.endAsync(true), platform.endAsync(true)]))
  const heard: string[] = []
  let onHeard: (() => void) | undefined
  lock.on('message', (_topic, payload) => {
    heard.push((JSON.parse(payload.toString()) as { id: string }).id)
    onHeard?.()
  })
  await lock.subscribeAsync(COMMANDS, { qos: 1 })
  return {
    link,
    heard,
    send: (id: string, type = 'sync') =>
      platform.publishAsync(COMMANDS, JSON.stringify({ id, type }), { qos: 1 }),
    until: (id: string) =>
      new Promise<void>((resolve) => {
        onHeard = () => heard.includes(id) && resolve()
        onHeard()
      }),
  }
}

test('a lost message is acknowledged and never comes; the next one does', async (t) => {
  const { link, heard, send, until } = await open(t)
  link.disturb('commands', 'lost', ({ body }) => body?.type === 'reserve')
  await send('1', 'reserve')
  await send('2', 'reserve')
  await until('2')
  assert.deepEqual(heard, ['2'])
})

test('a doubled message comes twice, in its place', async (t) => {
  const { link, heard, send, until } = await open(t)
  link.disturb('commands', 'doubled', ({ topic }) => topic === COMMANDS, 2)
  await send('1')
  await send('2')
  await send('3')
  await until('3')
  assert.deepEqual(heard, ['1', '1', '2', '2', '3'])
})

test('a held message comes when it is released, after those that were sent meanwhile', async (t) => {
  const { link, heard, send, until } = await open(t)
  link.disturb('commands', 'held', () => true)
  await send('1')
  await send('2')
  await until('2')
  assert.equal(await link.holds(1, 10_000), true)
  assert.deepEqual(heard, ['2'])
  link.release()
  await until('1')
  assert.deepEqual(heard, ['2', '1'])
})

test('a message that is not held within the deadline is not waited for', async (t) => {
  const { link } = await open(t)
  assert.equal(await link.holds(1, 10), false)
})
