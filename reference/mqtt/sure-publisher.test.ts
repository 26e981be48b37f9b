import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { test } from 'node:test'
import { Aedes } from 'aedes'
import mqtt from 'mqtt'
import { MqttLinkLost, SurePublisher } from './sure-publisher.js'

test('a message that the broker has not taken when the link breaks comes back, and is never sent later', async (t) => {
  const aedes = await Aedes.createBroker()
  const taken: string[] = []
  /** What becomes of the broker's connection instead of an answer to a message of this text. */
  let dies = ''
  const sockets = new Set<Socket>()
  aedes.authorizePublish = (_client, { payload }, callback) => {
    const text = payload.toString()
    if (text === dies) for (const socket of sockets) socket.destroy()
    else {
      taken.push(text)
      callback(null)
    }
  }
  const server = createServer((socket) => {
    sockets.add(socket)
    aedes.handle(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = await mqtt.connectAsync(url, { reconnectPeriod: 10 })
  t.after(async () => {
    await client.endAsync(true)
    await new Promise<void>((resolve) => aedes.close(() => server.close(() => resolve())))
  })
  const publisher = new SurePublisher(client)

  await publisher.publish('t', 'one')
  dies = 'two'
  const connectedAgain = new Promise<void>((resolve) => client.once('connect', () => resolve()))
  await assert.rejects(publisher.publish('t', 'two'), MqttLinkLost)
  await assert.rejects(publisher.publish('t', 'while it is down'), MqttLinkLost)
  await connectedAgain
  dies = ''
  await publisher.publish('t', 'three')
  assert.deepEqual(taken, ['one', 'three'])
})
