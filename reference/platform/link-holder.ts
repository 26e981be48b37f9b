import type { LockCommand } from '../contracts/lock-link.js'
import type { BrokerAccess } from '../ports/broker-access.js'
import type { EventLog } from '../ports/event-log.js'
import { LockLink, LockLinkDown, type LockMessage } from './lock-link.js'

/** Wait before a broker that could not be used is tried again, wall milliseconds. */
const RETRY_MS = 500

export interface LinkHolderParts {
  readonly broker: BrokerAccess
  readonly log: EventLog
  readonly onMessage: (message: LockMessage) => Promise<void>
  /** The link is there, or is there again. */
  readonly onConnect: () => void
  /** Whether it is for this instance to hold the link. */
  readonly onDuty: () => boolean
}

/**
 * The lock link of several instances: one of them has it, because messages of a lock that went to two of them could
 * be dealt with in the wrong order. Whoever takes over takes the broker's session over, and what is kept in it.
 */
export class LinkHolder {
  #link: LockLink | undefined
  #opening: Promise<void> | undefined
  #retry: NodeJS.Timeout | undefined
  #closed = false

  constructor(private readonly parts: LinkHolderParts) {}

  get isOpen(): boolean {
    return this.#link !== undefined
  }

  /** @throws BrokerUnavailable */
  async open(): Promise<void> {
    const { broker, onMessage, onConnect, onDuty } = this.parts
    const link = await LockLink.open(broker, onMessage, onConnect, onDuty)
    if (!onDuty() || this.#closed) return link.close()
    this.#link = link
    onConnect()
  }

  /** Opens the link if it is not open; tries again until it is, or the duty is lost. */
  keep(): void {
    if (this.#link || this.#opening || this.#retry || this.#closed || !this.parts.onDuty()) return
    this.#opening = this.open()
      .catch((error: unknown) => {
        this.parts.log.record('lock-link-failed', {
          reason: error instanceof Error ? error.message : String(error),
        })
        this.#retry = setTimeout(() => {
          this.#retry = undefined
          this.keep()
        }, RETRY_MS)
      })
      .finally(() => (this.#opening = undefined))
  }

  /** Resolves when the broker has taken the command. @throws LockLinkDown, MqttLinkLost */
  async send(lockId: string, command: LockCommand): Promise<void> {
    if (!this.#link) throw new LockLinkDown()
    await this.#link.send(lockId, command)
  }

  /** Another instance has the link from now on. */
  async letGo(): Promise<void> {
    const link = this.#link
    this.#link = undefined
    await link?.close()
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#retry)
    await this.#opening
    await this.letGo()
  }
}
