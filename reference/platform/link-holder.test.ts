import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Inbox } from '../../rigs/conformance/inbox.js'
import { ScriptedLock } from '../../rigs/conformance/platform/scripted-lock.js'
import { startEmbeddedBroker } from '../../rigs/drivers/embedded-broker/embedded-broker.js'
import { LinkHolder } from './link-holder.js'
import type { LockMessage } from './lock-link.js'

test('a link that broke while the duty had lapsed is dead until the duty is lost, then another is opened', async (t) => {
  const broker = await startEmbeddedBroker({
    host: '127.0.0.1',
    port: 0,
    credentials: [
      { username: 'platform', password: 'p', publish: [], subscribe: ['locks/+/events', 'locks/+/status'] },
      {
        username: 'L-17',
        password: 'l',
        publish: ['locks/L-17/events', 'locks/L-17/status'],
        subscribe: ['locks/L-17/commands'],
      },
    ],
  })
  t.after(() => broker.close())
  const heard = new Inbox<LockMessage>('the platform')
  const connections = new Inbox<string>('connections')
  const asked = new Inbox<string>('questions about the duty')
  let onDuty = true
  const holder = new LinkHolder({
    broker: { url: broker.url, username: 'platform', password: 'p' },
    log: { record: () => undefined },
    onMessage: async (message) => heard.push(message),
    onConnect: () => connections.push('connected'),
    onDuty: () => {
      if (!onDuty) asked.push('not on duty')
      return onDuty
    },
  })
  t.after(() => holder.close())
  await holder.open()
  onDuty = false
  broker.disconnect('platform')
  // By the link, when its connection closes.
  await asked.next(() => true)
  onDuty = true
  holder.keep()
  assert.equal(connections.all.length, 1)

  await holder.letGo()
  holder.keep()
  await connections.next(() => connections.all.length === 2)
  const lock = await ScriptedLock.connect(broker.url, 'L-17', 'l', Date.now)
  t.after(() => lock.close())
  await lock.report()
  assert.equal((await heard.next(({ channel }) => channel === 'status')).lockId, 'L-17')
})
