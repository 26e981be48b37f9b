import assert from 'node:assert/strict'
import { randomInt, randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { connectAsync, type MqttClient } from 'mqtt'
import { messageCheck } from '../../reference/contracts/contract.js'
import { lockTopics, type LockCommandBody, type LockEvent } from '../../reference/contracts/lock-link.js'
import { createUnlockCode } from '../../reference/domain/unlock-code.js'
import type { BrokerAccess } from '../../reference/ports/broker-access.js'
import { ClusterLock } from '../conformance/cluster/cluster-lock.js'
import { Inbox } from '../conformance/inbox.js'
import { startEmbeddedBroker } from '../drivers/embedded-broker/embedded-broker.js'
import { systemClock } from '../drivers/system-clock/system-clock.js'
import { PlayedLock } from './played-lock.js'

const HERE = { latitude: 39.996, longitude: 116.48 }
const LOCK = 'L-1'
const checks = {
  events: messageCheck('lock-link.asyncapi', 'Event'),
  status: messageCheck('lock-link.asyncapi', 'Status'),
}

/** A lock as the journey below uses it, whichever it is. */
interface Subject {
  isShown(code: string): Promise<string>
  setVehicle(present: boolean): void
  close(): Promise<void>
}

async function reference(broker: BrokerAccess): Promise<Subject> {
  const lock = await ClusterLock.open('B-1', LOCK, HERE, broker, () => undefined)
  return {
    isShown: (code) => lock.isShown(code),
    setVehicle: (present) => lock.setVehicle(present),
    close: () => lock.close(),
  }
}

async function played(broker: BrokerAccess): Promise<Subject> {
  const lock = await PlayedLock.start(
    {
      lockId: LOCK,
      bayId: 'B-1',
      location: HERE,
      broker,
      travelMs: 20,
      leaveMs: 20,
      fixIntervalMs: 0,
      connectTimeoutMs: 10_000,
    },
    { now: () => systemClock.now(), newId: randomUUID, onFault: (error) => assert.fail(String(error)) },
  )
  return {
    isShown: async (code) => lock.isShown(code),
    setVehicle: (present) => lock.setVehicle(present),
    close: () => lock.close(),
  }
}

/** What an event says, without what differs from run to run. */
function saying(event: LockEvent): string {
  switch (event.type) {
    case 'command-result':
      return `${event.outcome} ${event.outcome === 'refused' ? event.reason : ''}`.trim()
    case 'code-scanned':
      return `scanned ${event.verdict}${event.reservationId ? ' of its own' : ''}`
    case 'bolt-changed':
      return `bolt ${event.bolt}${event.reservationId ? ' for it' : ''}`
    case 'occupancy-changed':
      return `${event.occupied ? 'occupied' : 'left'}${event.reservationId ? ' by it' : ''}`
    default:
      return event.type
  }
}

class ScriptedPlatform {
  readonly said = new Inbox<LockEvent>('the lock')
  readonly statuses = new Inbox<string>('the status of the lock')
  #sequence = 0

  private constructor(private readonly client: MqttClient) {}

  static async join(url: string): Promise<ScriptedPlatform> {
    const client = await connectAsync(url, { username: 'platform', password: 'p', clientId: 'platform' })
    const platform = new ScriptedPlatform(client)
    client.on('message', (topic, payload) => {
      const message: unknown = JSON.parse(payload.toString('utf8'))
      if (topic.endsWith('/events')) platform.said.push(checks.events(message) as LockEvent)
      else {
        const status = checks.status(message) as { bolt: string; online: boolean }
        platform.statuses.push(status.online ? status.bolt : 'gone')
      }
    })
    await client.subscribeAsync([lockTopics.events('+'), lockTopics.status('+')], { qos: 1 })
    return platform
  }

  /** @returns the command's own answer */
  async orders(body: LockCommandBody, head: Partial<{ id: string; sequence: number; lifeMs: number }> = {}) {
    const { id = randomUUID(), sequence = ++this.#sequence, lifeMs = 60_000 } = head
    const answered = this.said.next((event) => event.type === 'command-result' && event.commandId === id)
    const issuedAt = new Date().toISOString()
    const expiresAt = new Date(Date.now() + lifeMs).toISOString()
    const command = { id, issuedAt, expiresAt, stream: 'test', sequence, ...body }
    await this.client.publishAsync(lockTopics.commands(LOCK), JSON.stringify(command), { qos: 1 })
    await answered
    return id
  }

  says(what: string) {
    return this.said.next((event) => saying(event) === what)
  }

  close() {
    return this.client.endAsync(true)
  }
}

/** Everything that a lock is asked in a life: what must work, and what it must refuse. */
async function life(open: (broker: BrokerAccess) => Promise<Subject>) {
  const own = { username: LOCK, password: 'l' }
  const broker = await startEmbeddedBroker({
    host: '127.0.0.1',
    port: 0,
    credentials: [
      {
        username: 'platform',
        password: 'p',
        publish: ['locks/+/commands'],
        subscribe: ['locks/+/events', 'locks/+/status'],
      },
      {
        ...own,
        publish: [lockTopics.events(LOCK), lockTopics.status(LOCK)],
        subscribe: [lockTopics.commands(LOCK)],
      },
    ],
  })
  const platform = await ScriptedPlatform.join(broker.url)
  const lock = await open({ ...own, url: broker.url })
  await platform.orders({ type: 'sync', reservationId: null })
  const born = platform.said.all.length
  const [mine, next] = [createUnlockCode(randomInt), createUnlockCode(randomInt)]
  const reservationId = 'r-1'
  const holdUntil = new Date(Date.now() + 600_000).toISOString()
  const reserve = { type: 'reserve', reservationId, location: HERE, holdUntil } as const
  const reserved = await platform.orders(reserve)
  await platform.orders(reserve, { id: reserved })
  await platform.orders({ ...reserve, reservationId: 'r-2' })
  await platform.orders({ type: 'unlock-code', reservationId: 'r-2', code: next, validUntil: holdUntil })
  await platform.orders({ type: 'unlock-code', reservationId, code: mine, validUntil: holdUntil })
  await platform.orders({ type: 'cancel', reservationId, reason: 'cancelled' }, { sequence: 1 })
  await platform.orders({ type: 'cancel', reservationId, reason: 'cancelled' }, { lifeMs: -1 })
  const verdicts = [await lock.isShown('https://example.org'), await lock.isShown(next)]
  verdicts.push(await lock.isShown(mine))
  await platform.says('bolt down for it')
  verdicts.push(await lock.isShown(mine))
  lock.setVehicle(true)
  await platform.says('occupied by it')
  await platform.orders({ type: 'lock' })
  lock.setVehicle(false)
  await platform.says('bolt up for it')
  await platform.orders({ type: 'cancel', reservationId, reason: 'completed' })
  await platform.orders({ type: 'cancel', reservationId, reason: 'completed' })
  const far = { latitude: HERE.latitude + 0.01, longitude: HERE.longitude }
  await platform.orders({ ...reserve, reservationId: 'r-3', location: far })
  await platform.orders({ type: 'unlock' })
  await platform.orders({ type: 'lock' })
  await lock.close()
  await platform.statuses.next((status) => status === 'gone')
  const { said } = platform
  await platform.close()
  await broker.close()
  return { verdicts, said: said.all.slice(born).map(saying) }
}

test('a played lock says on the wire what the reference lock says, word for word, all by the contract', async () => {
  const [ours, theirs] = [await life(played), await life(reference)]
  assert.deepEqual(ours.verdicts, ['misread', 'foreign', 'fresh', 'used'])
  assert.deepEqual(ours.verdicts, theirs.verdicts)
  assert.deepEqual(ours.said, theirs.said)
  assert.ok(ours.said.includes('refused out-of-order') && ours.said.includes('refused expired'))
})

test('a played lock that is cut off leaves its last will', async () => {
  const own = { username: LOCK, password: 'l' }
  const topics = {
    publish: [lockTopics.events(LOCK), lockTopics.status(LOCK)],
    subscribe: [lockTopics.commands(LOCK)],
  }
  const broker = await startEmbeddedBroker({
    host: '127.0.0.1',
    port: 0,
    credentials: [
      { ...own, ...topics },
      { username: 'platform', password: 'p', publish: [], subscribe: ['locks/+/events', 'locks/+/status'] },
    ],
  })
  const platform = await ScriptedPlatform.join(broker.url)
  const lock = await played({ ...own, url: broker.url })
  const willed = new Promise<void>((resolve) => {
    broker.onPublish(({ topic, payload }) => {
      if (topic.endsWith('/status') && payload.includes('"online":false')) resolve()
    })
  })
  broker.disconnect(LOCK)
  await willed
  await lock.close()
  await platform.close()
  await broker.close()
})
