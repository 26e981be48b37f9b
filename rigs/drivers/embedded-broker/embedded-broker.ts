import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { Aedes, type AuthenticateError, type AuthErrorCode, type Client } from 'aedes'
import { sameSecret } from '../../../reference/same-secret.js'
import { limitPackets } from './packet-limit.js'
import { covers } from './topic-filter.js'

/** What one device or service may do. Topic filters as in MQTT 3.1.1, 4.7. */
export interface BrokerCredential {
  readonly username: string
  readonly password: string
  /** Topics it may write, its last will included. */
  readonly publish: readonly string[]
  /** Topics it may read. */
  readonly subscribe: readonly string[]
}

/** One whose password is being replaced: the old and the new one are good. */
export interface RotatedCredential extends Omit<BrokerCredential, 'password'> {
  readonly password: readonly string[]
}

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

/** What a client was not allowed to do; `?` where its name is not known to be true. */
export interface BrokerRefusal {
  readonly username: string
  readonly what: 'connect' | 'publish' | 'subscribe' | 'packet'
  readonly reason:
    | 'credential-wrong'
    | 'client-id-of-another'
    | 'too-many-client-ids'
    | 'topic-not-allowed'
    | 'packet-too-long'
  /** Of a publication or a subscription. */
  readonly topic?: string
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

/** Client ids that one credential may have at a time, those of sessions that outlive their connection included. */
const MOST_CLIENT_IDS = 64

/**
 * Who is connected under which credential. A client id belongs to the credential that connected with it, as long as
 * its session lasts: otherwise another device could take over its connection, or the messages queued for it. One that
 * is a user name belongs to that user, whoever comes first: otherwise another could lock the user out.
 */
class Clients {
  readonly #credentials = new WeakMap<Client, Credential>()
  readonly #connected = new Set<Client>()
  readonly #owners = new Map<string, string>()
  /** The same by owner. */
  readonly #idsOf = new Map<string, Set<string>>()

  constructor(private readonly usernames: { has(name: string): boolean }) {}

  /** @returns why the client id cannot be had by this credential */
  admit(client: Client, credential: Credential): BrokerRefusal['reason'] | undefined {
    const { username } = credential
    const owner = this.usernames.has(client.id) ? client.id : this.#owners.get(client.id)
    if (owner !== undefined && owner !== username) return 'client-id-of-another'
    const ids = this.#idsOf.get(username)
    if (ids && !ids.has(client.id) && ids.size >= MOST_CLIENT_IDS) return 'too-many-client-ids'
    this.#own(client.id, username)
    this.#credentials.set(client, credential)
    return undefined
  }

  /** Comes after `leave` of the connection that this one takes over. */
  join(client: Client): void {
    this.#connected.add(client)
    const credential = this.#credentials.get(client)
    if (credential) this.#own(client.id, credential.username)
  }

  leave(client: Client): void {
    this.#connected.delete(client)
    const owner = this.#owners.get(client.id)
    if (!client.clean || owner === undefined) return
    this.#owners.delete(client.id)
    this.#idsOf.get(owner)?.delete(client.id)
  }

  credentialOf(client: Client): Credential | undefined {
    return this.#credentials.get(client)
  }

  of(username: string): Client[] {
    return [...this.#connected].filter((client) => this.credentialOf(client)?.username === username)
  }

  #own(id: string, username: string): void {
    this.#owners.set(id, username)
    const ids = this.#idsOf.get(username)
    if (ids) ids.add(id)
    else this.#idsOf.set(username, new Set([id]))
  }
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
  const clients = new Clients(known)
  const allows = (filters: readonly string[] | undefined, topic: string) =>
    filters?.some((filter) => covers(filter, topic)) ?? false

  const aedes = await Aedes.createBroker({
    authenticate(client, username, password, done) {
      const credential = known.get(username ?? '')
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
  aedes.on('client', (client) => clients.join(client))
  aedes.on('clientDisconnect', (client) => clients.leave(client))

  const server = createServer((socket) => {
    const client: Client = aedes.handle(socket)
    limitPackets(socket, () => {
      const username = clients.credentialOf(client)?.username ?? '?'
      refused({ username, what: 'packet', reason: 'packet-too-long' })
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
