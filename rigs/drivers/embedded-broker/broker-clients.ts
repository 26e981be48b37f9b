import type { Client } from 'aedes'
import type { BrokerCredential, BrokerRefusal, RotatedCredential } from './broker-credential.js'

type Credential = BrokerCredential | RotatedCredential

/** Client ids that one credential may have at a time, those of sessions that outlive their connection included. */
export const MOST_CLIENT_IDS = 64

/** What is known of one client id. */
interface Ownership {
  readonly username: string
  /** Connections that have this id and whose socket is not closed: two while one takes over from the other. */
  readonly open: Set<Client>
  /** The connection that registered last: what becomes of the session goes by it. */
  latest?: Client
  /** Whether a session outlives the connections. */
  isKept: boolean
}

/**
 * Who is connected under which credential. A client id belongs to the credential that connected with it, as long as
 * its session lasts: otherwise another device could take over its connection, or the messages queued for it. One that
 * is a user name belongs to that user, even before it has connected: otherwise another could lock the user out.
 *
 * An id is counted from its admission to the close of its socket, which comes for every connection. aedes reports
 * neither the end of a connection that closed before it was registered, nor in every takeover that of the old one:
 * counts that went by its events leaked, and refused a credential for good.
 */
export class BrokerClients {
  readonly #credentials = new WeakMap<Client, Credential>()
  /** Clients that have sent something after their CONNECT: only these know that they have a session. */
  readonly #heard = new WeakSet<Client>()
  readonly #byId = new Map<string, Ownership>()
  readonly #idsOf = new Map<string, Set<string>>()

  constructor(private readonly usernames: { has(name: string): boolean }) {}

  /**
   * Counts a client whose password is right, until its socket closes.
   * @returns why the client id is not available to this credential
   */
  admit(client: Client, credential: Credential): BrokerRefusal['reason'] | undefined {
    const { id } = client
    const { username } = credential
    const owner = this.usernames.has(id) ? id : this.#byId.get(id)?.username
    if (owner !== undefined && owner !== username) return 'client-id-of-another'
    const known = this.#byId.get(id)
    if (!known && (this.#idsOf.get(username)?.size ?? 0) >= MOST_CLIENT_IDS) return 'too-many-client-ids'
    this.#credentials.set(client, credential)
    const ownership = known ?? this.#begin(id, username)
    ownership.open.add(client)
    client.conn.once('close', () => this.#leave(client, ownership))
    return undefined
  }

  /** A client has sent a packet after its CONNECT. */
  hear(client: Client): void {
    this.#heard.add(client)
  }

  /** A client's session is the one of its id from now on; comes also when its socket has closed meanwhile. */
  register(client: Client): void {
    const ownership = this.#byId.get(client.id)
    if (!ownership) return
    if (client.clean) ownership.isKept = false
    else this.#settle(ownership)
    ownership.latest = client
    this.#forgetUnused(client.id, ownership)
  }

  credentialOf(client: Client): Credential | undefined {
    return this.#credentials.get(client)
  }

  ownerOf(id: string): string | undefined {
    return this.#byId.get(id)?.username
  }

  /** Every open connection of a credential. */
  of(username: string): Client[] {
    const ids = [...(this.#idsOf.get(username) ?? [])]
    return ids.flatMap((id) => [...(this.#byId.get(id)?.open ?? [])])
  }

  #begin(id: string, username: string): Ownership {
    const ownership: Ownership = { username, open: new Set(), isKept: false }
    this.#byId.set(id, ownership)
    const ids = this.#idsOf.get(username)
    if (ids) ids.add(id)
    else this.#idsOf.set(username, new Set([id]))
    return ownership
  }

  #leave(client: Client, ownership: Ownership): void {
    ownership.open.delete(client)
    if (ownership.latest === client) this.#settle(ownership)
    this.#forgetUnused(client.id, ownership)
  }

  /** The session of the latest connection lasts if its client asked for that, and got to know of it. */
  #settle(ownership: Ownership): void {
    const { latest } = ownership
    if (latest && !latest.clean && this.#heard.has(latest)) ownership.isKept = true
  }

  #forgetUnused(id: string, ownership: Ownership): void {
    if (ownership.open.size > 0 || ownership.isKept || this.#byId.get(id) !== ownership) return
    this.#byId.delete(id)
    const ids = this.#idsOf.get(ownership.username)
    ids?.delete(id)
    if (ids?.size === 0) this.#idsOf.delete(ownership.username)
  }
}
