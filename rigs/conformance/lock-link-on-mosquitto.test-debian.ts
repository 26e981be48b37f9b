import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { connectAsync, type MqttClient } from 'mqtt'
import {
  lockTopics,
  type LockCommandBody,
  type LockEvent,
  type LockStatus,
} from '../../reference/contracts/lock-link.js'
import { startLock } from '../../reference/lock/start-lock.js'
import type { MosquittoRefusal } from '../debian-services/mosquitto-refusals.js'
import { startMosquitto, type Mosquitto } from '../debian-services/mosquitto.js'
import { openLibsqlStore } from '../drivers/libsql/libsql-store.js'
import { ManualClock } from '../simulated/manual-clock/manual-clock.js'
import { SimulatedLockHardware } from '../simulated/lock-plant/simulated-lock-hardware.js'
import { Inbox } from './inbox.js'

const NOW_MS = Date.parse('2026-03-01T08:00:00Z')
const device = (lockId: string) => ({
  username: lockId,
  password: `secret of ${lockId}`,
  publish: [lockTopics.events(lockId), lockTopics.status(lockId)],
  subscribe: [lockTopics.commands(lockId)],
})
const platformCredential = {
  username: 'platform',
  password: 'secret of platform',
  publish: [lockTopics.commands('+')],
  subscribe: [lockTopics.events('+'), lockTopics.status('+')],
}

interface Heard {
  readonly topic: string
  readonly body: Partial<LockEvent & LockStatus>
}

describe('the lock link on Debian’s Mosquitto, over TLS', () => {
  let broker: Mosquitto
  let platform: MqttClient
  const heard = new Inbox<Heard>('the platform')
  const refusals = new Inbox<MosquittoRefusal>('the broker’s log')

  const connect = async (username: string, changes: object = {}) => {
    const client = await connectAsync(
      broker.url,
      { username, password: `secret of ${username}`, ca: broker.ca, reconnectPeriod: 100, ...changes },
      false,
    )
    client.on('error', () => undefined)
    return client
  }
  const send = (body: LockCommandBody, head: { id?: string; expiresAt?: string; retain?: boolean } = {}) => {
    const { retain = false, ...rest } = head
    const id = rest.id ?? randomUUID()
    const envelope = {
      id,
      issuedAt: new Date(NOW_MS).toISOString(),
      expiresAt: '2026-03-01T09:00:00Z',
      ...rest,
      ...body,
    }
    return platform
      .publishAsync(lockTopics.commands('L-17'), JSON.stringify(envelope), { qos: 1, retain })
      .then(() => id)
  }
  const resultOf = (id: string) =>
    heard.next(({ body }) => body.type === 'command-result' && body.commandId === id) as Promise<{
      body: Extract<LockEvent, { type: 'command-result' }>
    }>
  /** A command that moves nothing: its answer shows that what was sent before has been dealt with. */
  const moves = async () => (await resultOf(await send({ type: 'report' }))).body.moves
  /** The lock's next status that says so, of those that have not come yet. */
  const status = (online: boolean) => {
    const past = new Set(heard.all)
    return heard.next(
      (each) => !past.has(each) && each.topic === lockTopics.status('L-17') && each.body.online === online,
    )
  }

  before(async () => {
    broker = await startMosquitto([platformCredential, device('L-17'), device('L-18')], {
      tellsRefusals: true,
    })
    broker.onRefusal((refusal) => refusals.push(refusal))
    platform = await connect('platform', { clientId: 'platform', clean: false })
    platform.on('message', (topic, payload) =>
      heard.push({ topic, body: JSON.parse(payload.toString()) as Heard['body'] }),
    )
    await platform.subscribeAsync(platformCredential.subscribe, { qos: 1 })
  })
  after(async () => {
    await platform.endAsync(true)
    await broker.close()
  })

  it('lets nobody in without TLS, with a wrong password, or with another authority', async () => {
    await assert.rejects(connect('L-17', { password: 'guess', reconnectPeriod: 0 }))
    await assert.rejects(connect('L-99', { reconnectPeriod: 0 }))
    await assert.rejects(connect('L-17', { ca: '', reconnectPeriod: 0 }))
    const plain = broker.url.replace('mqtts:', 'mqtt:')
    await assert.rejects(
      connectAsync(plain, { ...device('L-17'), connectTimeout: 2_000, reconnectPeriod: 0 }, false),
    )
  })

  it('tells who was not let in, who wrote where they may not, and who wrote too much', async () => {
    const intruder = await connect('L-18', { reconnectPeriod: 0 })
    await assert.rejects(connect('L-17', { password: 'guess', reconnectPeriod: 0 }))
    await refusals.next(
      ({ username, what, reason }) => `${username} ${what} ${reason}` === '? connect credential-wrong',
    )
    await intruder.publishAsync(lockTopics.status('L-17'), '{}', { qos: 1, retain: true })
    await refusals.next(
      ({ username, what, topic }) => `${username} ${what} ${topic}` === 'L-18 publish locks/L-17/status',
    )
    const closed = new Promise<void>((resolve) => void intruder.once('close', () => resolve()))
    intruder.publish(lockTopics.events('L-18'), 'x'.repeat(70_000), { qos: 0 })
    await closed
    await refusals.next(({ username, reason }) => `${username} ${reason}` === 'L-18 packet-too-long')
  })

  it('lets nobody take over another’s session, whatever client id they say', async () => {
    let cutOff = false
    const note = () => (cutOff = true)
    platform.on('close', note)
    const thief = await connect('L-18', { clientId: 'platform', clean: false })
    await thief.publishAsync(lockTopics.events('L-18'), '{"after":"the theft"}', { qos: 1 })
    await heard.next(({ topic, body }) => topic === lockTopics.events('L-18') && 'after' in body)
    platform.off('close', note)
    assert.equal(cutOff, false)
    await thief.endAsync()
  })

  it('keeps a lock out of another lock’s topics', async () => {
    const other = await connect('L-18')
    const read: string[] = []
    other.on('message', (topic) => read.push(topic))
    // Mosquitto grants the subscription, and checks each message that would go out by it.
    await other.subscribeAsync(['locks/#', lockTopics.commands('L-18')], { qos: 1 })
    for (const topic of [lockTopics.events('L-17'), lockTopics.status('L-17'), lockTopics.commands('L-17')]) {
      await other.publishAsync(topic, '{"forged":true}', { qos: 1, retain: true })
    }
    // Its own word comes after the forged ones on the same link.
    await other.publishAsync(lockTopics.events('L-18'), '{"fence":true}', { qos: 1 })
    await heard.next(({ topic }) => topic === lockTopics.events('L-18'))
    await send({ type: 'unlock' })
    const fence = new Promise((resolve) => other.once('message', resolve))
    await platform.publishAsync(lockTopics.commands('L-18'), '{}', { qos: 1 })
    await fence
    assert.deepEqual(new Set(read), new Set([lockTopics.commands('L-18')]))
    assert.deepEqual(
      heard.all.filter(({ topic }) => topic.includes('L-17')),
      [],
    )
    await other.endAsync()
  })

  it('moves a lock once for each command: a repeated, late or retained one moves nothing', async () => {
    const store = await openLibsqlStore('libsql::memory:')
    const hardware = new SimulatedLockHardware({ bolt: 'up' })
    const born = status(true)
    const lock = await startLock(
      {
        lockId: 'L-17',
        bayId: 'B-17',
        presetLocation: { latitude: 31.23, longitude: 121.47 },
        broker: { url: broker.url, username: 'L-17', password: 'secret of L-17', ca: broker.ca },
      },
      {
        clock: new ManualClock(NOW_MS),
        hardware,
        store,
        newId: randomUUID,
        log: { record: () => undefined },
      },
    )
    try {
      await born
      const before = (await moves()) ?? 0
      const opened = await send({ type: 'unlock' })
      assert.equal((await resultOf(opened)).body.bolt, 'down')
      assert.equal(await moves(), before + 1)

      assert.equal((await resultOf(await send({ type: 'lock' }))).body.bolt, 'up')
      const afterwards = await moves()
      await send({ type: 'unlock' }, { id: opened })
      await send({ type: 'unlock' }, { expiresAt: '2026-03-01T07:59:59Z' })
      assert.equal(await moves(), afterwards)

      // A broker that dies keeps the sessions: what was sent comes, and what was retained is no command.
      await send({ type: 'unlock' }, { retain: true })
      const fresh = await moves()
      const back = status(true)
      await broker.crashAndRestart()
      await back
      assert.equal(await moves(), fresh)
      const died = status(false)
      await lock.close() // without a word to the broker, so its last will goes out
      assert.equal((await died).body.bolt, 'unknown')
    } finally {
      await lock.close()
      await hardware.close()
      await store.close()
    }
  })
})
