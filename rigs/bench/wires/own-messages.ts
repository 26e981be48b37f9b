import type { OwnFilter, WireMessage } from './wire-log.js'

/** What belongs to the bench itself, where guests use the same wires. */
export interface OwnNames {
  readonly bays: ReadonlySet<string>
  readonly locks: ReadonlySet<string>
  readonly vehicles: ReadonlySet<string>
}

const TOPIC = /^(?:locks|vehicles)\/([^/]+)\//

/**
 * Tells the messages of the running scenario from those of guests, so that evidence holds the former and memory does not
 * grow with the latter: by the bay, lock, car or user that a message is about, and by the correlation id of one that is.
 */
export class OwnMessages implements OwnFilter {
  readonly #users = new Set<string>()
  readonly #correlations = new Set<string>()

  constructor(private readonly names: OwnNames) {}

  /** A user of the scenario. */
  addUser(openid: string): void {
    this.#users.add(openid)
  }

  /** The next scenario has users of its own. */
  clear(): void {
    this.#users.clear()
    this.#correlations.clear()
  }

  has({ wire, body, correlationId }: WireMessage): boolean {
    if (wire === 'can' || wire === 'light' || wire === 'board' || wire === 'phone') return true
    const own =
      (correlationId !== undefined && this.#correlations.has(correlationId)) ||
      (typeof body === 'string' ? this.#namesUser(body) : this.#isAboutOwn(body))
    if (own && correlationId !== undefined) this.#correlations.add(correlationId)
    return own
  }

  #namesUser(text: string): boolean {
    for (const openid of this.#users) if (text.includes(openid)) return true
    return false
  }

  #isAboutOwn(body: unknown): boolean {
    const { topic, bayId, touser } = (body ?? {}) as Record<string, unknown>
    if (typeof topic === 'string') {
      const device = TOPIC.exec(topic)?.[1] ?? ''
      return this.names.locks.has(device) || this.names.vehicles.has(device)
    }
    if (typeof bayId === 'string') return this.names.bays.has(bayId)
    return typeof touser === 'string' && this.#users.has(touser)
  }
}
