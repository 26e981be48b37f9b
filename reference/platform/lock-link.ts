import { connect, type IPublishPacket, type MqttClient } from 'mqtt'
import { lockTopics, type LockCommand } from '../contracts/lock-link.js'
import { SurePublisher } from '../mqtt/sure-publisher.js'
import type { BrokerAccess } from '../ports/broker-access.js'

/** Thrown when the broker cannot be reached or refuses the platform at the start. */
export class BrokerUnavailable extends Error {
  override readonly name = 'BrokerUnavailable'
}

/** Thrown when a command cannot be sent now. */
export class LockLinkDown extends Error {
  override readonly name = 'LockLinkDown'
  constructor() {
    super('the link to the broker is down; nothing was sent')
  }
}

/** What a lock wrote: not yet checked. */
export interface LockMessage {
  readonly lockId: string
  readonly channel: 'events' | 'status'
  readonly payload: Buffer
  /** A copy that the broker kept, rather than news. */
  readonly retained: boolean
}

/** Wall time, milliseconds. */
const CONNECT_TIMEOUT_MS = 10_000
const RECONNECT_MS = 500

const TOPIC = /^locks\/([^/]+)\/(events|status)$/

/** The platform's end of the lock link (lock-link.asyncapi.yaml). */
export class LockLink {
  readonly #closed: Promise<never>
  #close: (reason: LockLinkDown) => void = () => undefined
  readonly #publisher: SurePublisher

  private constructor(
    private readonly client: MqttClient,
    /** Settles when what has been received is dealt with. */
    private readonly idle: () => Promise<unknown>,
  ) {
    this.#closed = new Promise((_, reject) => (this.#close = reject))
    this.#closed.catch(() => undefined)
    this.#publisher = new SurePublisher(client)
  }

  /**
   * @param onMessage a message is acknowledged to the broker once this has resolved; when it rejects, the connection
   *   is dropped, so that the broker sends the message again
   * @param mayReconnect false once another instance has the link: it has taken the session over, and is to keep it
   * @throws BrokerUnavailable
   */
  static async open(
    broker: BrokerAccess,
    onMessage: (message: LockMessage) => Promise<void>,
    onConnect: () => void,
    mayReconnect: () => boolean,
  ): Promise<LockLink> {
    const client = connect(broker.url, {
      // A session that outlives the connection, and the instance: what locks say meanwhile is kept for the next one.
      clientId: broker.username,
      clean: false,
      username: broker.username,
      password: broker.password,
      ...(broker.ca !== undefined && { ca: broker.ca }),
      connectTimeout: CONNECT_TIMEOUT_MS,
      reconnectPeriod: RECONNECT_MS,
    })
    let handling = Promise.resolve()
    client.handleMessage = (packet: IPublishPacket, done) => {
      const [, lockId, channel] = TOPIC.exec(packet.topic) ?? []
      if (lockId === undefined || (channel !== 'events' && channel !== 'status')) return done()
      const payload = Buffer.from(packet.payload)
      handling = onMessage({ lockId, channel, payload, retained: packet.retain }).then(
        () => done(),
        () => void client.stream.destroy(),
      )
    }
    // Else an error that nobody waits for would end the process; the connection is tried again by itself.
    client.on('error', () => undefined)
    try {
      await new Promise<void>((resolve, reject) => {
        client.once('connect', () => resolve())
        client.once('error', reject)
        client.once('close', () => reject(new Error('the connection was closed')))
      })
      client.on('connect', onConnect)
      client.on('close', () => void (mayReconnect() || client.end(true)))
      await client.subscribeAsync([lockTopics.events('+'), lockTopics.status('+')], { qos: 1 })
    } catch (cause) {
      client.end(true)
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new BrokerUnavailable(`the broker at ${broker.url} cannot be used: ${reason}`, { cause })
    }
    return new LockLink(client, () => handling)
  }

  /** Resolves when the broker has taken the command. @throws LockLinkDown, MqttLinkLost */
  async send(lockId: string, command: LockCommand): Promise<void> {
    await Promise.race([
      this.#publisher.publish(lockTopics.commands(lockId), JSON.stringify(command)),
      this.#closed,
    ])
  }

  async close(): Promise<void> {
    this.#close(new LockLinkDown())
    await this.client.endAsync(true)
    await this.idle()
  }
}
