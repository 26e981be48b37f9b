import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { Aedes, type AuthenticateError, type AuthErrorCode, type Client } from 'aedes'
import { sameSecret } from '../../../reference/same-secret.js'
import { keepRegistryTrue } from './aedes-registry.js'
import { BrokerClients } from './broker-clients.js'
import type { BrokerCredential, BrokerRefusal, RotatedCredential } from './broker-credential.js'
import { limitPackets } from './packet-limit.js'
import { boundSessionStore } from './session-store.js'
import { boundUnread } from './slow-reader.js'
import { covers } from './topic-filter.js'

export type { BrokerCredential, BrokerRefusal, RotatedCredential } from './broker-credential.js'

type Credential = BrokerCredential | RotatedCredential

export interface EmbeddedBrokerConfig {
  readonly host: string
  /** 0 for any free port. */
  readonly port: number
  readonly credentials: readonly Credential[]
}

/** A message that a client wrote and was allowed to write. */
export interface BrokerMessage {
  readonly username: string
  readonly topic: string
  readonly payload: Buffer
  readonly retain: boolean
  readonly qos: 0 | 1 | 2
}

export interface EmbeddedBroker {
  /** `mqtt://host:port` */
  readonly url: string
  /** Hears each message before its subscribers do, so that evidence keeps cause before effect. @returns unsubscribe */
  onPublish(listener: (message: BrokerMessage) => void): () => void
  /** Hears what is refused. @returns unsubscribe */
  onRefusal(listener: (refusal: BrokerRefusal) => void): () => void
  /** Cuts every connection of a credential, without a word: its wills go out. */
  disconnect(username: string): void
  close(): Promise<void>
}

/** Return codes of CONNACK (MQTT 3.1.1, table 3.1). */
const IDENTIFIER_REJECTED: AuthErrorCode.IDENTIFIER_REJECTED = 2
const BAD_USERNAME_OR_PASSWORD: AuthErrorCode.BAD_USERNAME_OR_PASSWORD = 4

function connectRefusal(message: string, returnCode: AuthErrorCode): AuthenticateError {
  return Object.assign(new Error(message), { returnCode })
}

/**
 * An MQTT 3.1.1 broker in this process. Each credential reads and writes its own topics only: a forbidden write and a
 * packet beyond `MAX_PACKET_BYTES` end the connection, a forbidden subscription is granted 0x80.
 */
export async function startEmbeddedBroker(config: EmbeddedBrokerConfig): Promise<EmbeddedBroker> {
  const listeners = new Set<(message: BrokerMessage) => void>()
  const refusalListeners = new Set<(refusal: BrokerRefusal) => void>()
  const refused = (refusal: BrokerRefusal) => {
    for (const listener of refusalListeners) listener(refusal)
  }
  const known = new Map(config.credentials.map((credential) => [credential.username, credential]))
  const clients = new BrokerClients(known)
  const allows = (filters: readonly string[] | undefined, topic: string) =>
    filters?.some((filter) => covers(filter, topic)) ?? false

  const aedes = await Aedes.createBroker({
    authenticate(client, username, password, done) {
      const credential = known.get(username ?? '')
      // Its close has come already, so that it would be counted for good.
      if (client.conn.closed)
        return done(connectRefusal('the connection is closed', IDENTIFIER_REJECTED), false)
      // An unknown name costs the same comparison, so that names cannot be told by time.
      const passwords = [credential?.password ?? ''].flat()
      const right = passwords.filter((one) => sameSecret(password?.toString() ?? '', one)).length > 0
      if (!credential || !right) {
        refused({ username: '?', what: 'connect', reason: 'credential-wrong' })
        done(connectRefusal('bad user name or password', BAD_USERNAME_OR_PASSWORD), false)
        return
      }
      const reason = clients.admit(client, credential)
      if (reason) {
        refused({ username: credential.username, what: 'connect', reason })
        done(connectRefusal(reason, IDENTIFIER_REJECTED), false)
      } else {
        done(null, true)
      }
    },
    authorizePublish(client, packet, done) {
      const credential = client ? clients.credentialOf(client) : undefined
      if (!credential || !allows(credential.publish, packet.topic)) {
        const { topic } = packet
        refused({
          username: credential?.username ?? '?',
          what: 'publish',
          reason: 'topic-not-allowed',
          topic,
        })
        done(new Error(`${credential?.username ?? 'a stranger'} may not write ${packet.topic}`))
        return
      }
      const { topic, retain, qos } = packet
      const payload = Buffer.from(packet.payload)
      for (const listener of listeners) {
        listener({ username: credential.username, topic, payload, retain, qos })
      }
      done(null)
    },
    authorizeSubscribe(client, subscription, done) {
      const credential = clients.credentialOf(client)
      const allowed = allows(credential?.subscribe, subscription.topic)
      if (!allowed) {
        refused({
          username: credential?.username ?? '?',
          what: 'subscribe',
          reason: 'topic-not-allowed',
          topic: subscription.topic,
        })
      }
      done(null, allowed ? subscription : null)
    },
    authorizeForward(client, packet) {
      return allows(clients.credentialOf(client)?.subscribe, packet.topic) ? packet : null
    },
  })
  keepRegistryTrue(aedes, (client) => clients.register(client))
  boundSessionStore(aedes, (clientId) => {
    refused({ username: clients.ownerOf(clientId) ?? '?', what: 'delivery', reason: 'queue-full' })
  })

  const server = createServer((socket) => {
    const client: Client = aedes.handle(socket)
    const username = () => clients.credentialOf(client)?.username ?? '?'
    boundUnread(client, () => {
      refused({ username: username(), what: 'delivery', reason: 'reads-too-slowly' })
    })
    limitPackets(socket, {
      onPacket: (count) => count === 2 && clients.hear(client),
      onTooLong: () => refused({ username: username(), what: 'packet', reason: 'packet-too-long' }),
    })
  })
  server.listen(config.port, config.host)
  try {
    await once(server, 'listening')
  } catch (error) {
    aedes.close()
    throw error
  }
  const { port } = server.address() as AddressInfo

  let closing: Promise<void> | undefined
  const close = async () => {
    const stopped = once(server, 'close')
    server.close()
    await new Promise<void>((resolve) => aedes.close(resolve))
    await stopped
  }

  return {
    url: `mqtt://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`,
    onPublish(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    onRefusal(listener) {
      refusalListeners.add(listener)
      return () => void refusalListeners.delete(listener)
    },
    disconnect(username) {
      for (const client of clients.of(username)) client.conn.destroy()
    },
    close: () => (closing ??= close()),
  }
}
