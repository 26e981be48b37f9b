import mqtt from 'mqtt'
import { lockTopics, type LockStatus } from '../contracts/lock-link.js'
import { SurePublisher } from '../mqtt/sure-publisher.js'
import type { BrokerAccess } from '../ports/broker-access.js'

/** Thrown when the broker does not let the lock in at its start. */
export class BrokerRefused extends Error {
  override readonly name = 'BrokerRefused'
  constructor(lockId: string, url: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause)
    super(
      `lock ${lockId} cannot join the broker at ${url} (${why}); is it running, and is the credential known to it?`,
      { cause },
    )
  }
}

export interface LockLinkParts {
  readonly lockId: string
  readonly broker: BrokerAccess
  readonly bootCount: number
  readonly connectTimeoutMs: number
  /** The broker is told that a command has arrived only when this has resolved. It must not reject. */
  readonly onCommand: (payload: Uint8Array) => Promise<void>
  /** The connection is lost; it is tried again by itself. */
  readonly onLost: () => void
  /** Again connected after a loss. */
  readonly onReconnected: () => void
  readonly onFault: (error: Error) => void
}

export interface LockLink {
  readonly connected: boolean
  /** Resolves when the broker has acknowledged. @throws MqttLinkLost; then it is to be sent again */
  sendEvent(event: string): Promise<void>
  /** Resolves when the broker has acknowledged; rejects when the link is closed before. */
  sendStatus(status: LockStatus): Promise<void>
  /** Commands come from now on, first those that the broker kept while the lock was away. */
  listen(): Promise<void>
  close(): Promise<void>
}

/**
 * Joins the broker: MQTT 3.1.1, QoS 1, a session that outlives the connection so that commands wait for the lock (each
 * has its own end of life), and a last will that says what is known of a lock which has gone: nothing.
 * @throws BrokerRefused
 */
export async function joinLockLink(parts: LockLinkParts): Promise<LockLink> {
  const { lockId, broker } = parts
  const gone: LockStatus = { online: false, bolt: 'unknown', bootCount: parts.bootCount }
  const statusTopic = lockTopics.status(lockId)
  const client = mqtt.connect(broker.url, {
    clientId: lockId,
    username: broker.username,
    password: broker.password,
    ...(broker.ca !== undefined && { ca: broker.ca }),
    ...(broker.serverName !== undefined && { servername: broker.serverName }),
    protocolVersion: 4,
    clean: false,
    reconnectPeriod: 1_000,
    connectTimeout: parts.connectTimeoutMs,
    will: { topic: statusTopic, payload: Buffer.from(JSON.stringify(gone)), qos: 1, retain: true },
  })
  let listening: (() => void) | undefined
  const ready = new Promise<void>((resolve) => (listening = resolve))
  client.handleMessage = (packet, done) => {
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload
    // A retained command is a left-over of the past: it may never move anything.
    if (packet.retain) return done()
    void ready.then(() => parts.onCommand(payload)).then(() => done(), done)
  }
  try {
    await new Promise<void>((resolve, reject) => {
      const limit = setTimeout(
        () => reject(new Error(`no answer in ${parts.connectTimeoutMs} ms`)),
        parts.connectTimeoutMs,
      )
      client.once('connect', () => (clearTimeout(limit), resolve()))
      client.once('error', (error) => (clearTimeout(limit), reject(error)))
    })
  } catch (cause) {
    client.on('error', parts.onFault)
    await client.endAsync(true)
    throw new BrokerRefused(lockId, broker.url, cause)
  }
  client.on('error', parts.onFault)
  const publisher = new SurePublisher(client)
  client.on('connect', parts.onReconnected)
  client.on('close', parts.onLost)

  // A publish that waits for a lost broker would otherwise wait for ever.
  let fail: ((closed: Error) => void) | undefined
  const closed = new Promise<never>((_resolve, reject) => (fail = reject))
  closed.catch(() => undefined)
  return {
    get connected() {
      return client.connected
    },
    sendEvent: async (event) => {
      await Promise.race([publisher.publish(lockTopics.events(lockId), event), closed])
    },
    sendStatus: async (status) => {
      const sent = client.publishAsync(statusTopic, JSON.stringify(status), { qos: 1, retain: true })
      await Promise.race([sent, closed])
    },
    listen: async () => {
      listening?.()
      const [grant] = await client.subscribeAsync(lockTopics.commands(lockId), { qos: 1 })
      if (!grant || grant.qos > 2) {
        throw new BrokerRefused(lockId, broker.url, new Error('the subscription to its commands was refused'))
      }
    },
    close: async () => {
      fail?.(new Error('the link is closed'))
      await client.endAsync(true)
    },
  }
}
