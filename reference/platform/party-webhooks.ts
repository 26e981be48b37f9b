import type { Clock } from '../ports/clock.js'
import type { EventLog } from '../ports/event-log.js'
import type { SqlStore } from '../ports/sql-store.js'
import { Dispatcher } from '../sql/dispatcher.js'
import { pendingWebhooks, removeMessages, type OutgoingWebhook } from './outbox.js'
import type { WebhookTarget } from './platform-config.js'
import { isCloudDown, WebhookSender } from './webhook-sender.js'

const DEFAULT_FIRST_RETRY_MS = 250
const DEFAULT_LONGEST_RETRY_MS = 30_000

export interface PartyWebhooksParts {
  readonly party: string
  readonly target: WebhookTarget
  readonly store: SqlStore
  readonly clock: Clock
  readonly log: EventLog
  /** Whether it is for this instance to send. */
  readonly onDuty: () => boolean
}

/** The events of one party's reservations, on their way to its webhook: one that is down holds up no other party's. */
export class PartyWebhooks {
  readonly #sender: WebhookSender
  readonly #dispatcher: Dispatcher<OutgoingWebhook>

  constructor({ party, target, store, clock, log, onDuty }: PartyWebhooksParts) {
    this.#sender = new WebhookSender(target, clock)
    const { firstRetryMs = DEFAULT_FIRST_RETRY_MS, longestRetryMs = DEFAULT_LONGEST_RETRY_MS } = target
    this.#dispatcher = new Dispatcher({
      name: 'webhook',
      store,
      log: { record: (event, fields, id) => log.record(event, { ...fields, to: party }, id) },
      pending: (session, page) => pendingWebhooks(session, party, page),
      remove: removeMessages,
      deliver: async (message) => {
        await this.#sender.send(message.payload)
        return 'done'
      },
      isReceiverDown: isCloudDown,
      retryMs: (failures) => Math.min(longestRetryMs, firstRetryMs * 2 ** (failures - 1)),
      onDuty,
    })
  }

  /** Sends what the outbox holds for the party. */
  kick(): void {
    void this.#dispatcher.kick()
  }

  letGo(): void {
    this.#dispatcher.letGo()
  }

  /** Gives up what is under way; it stays in the outbox. */
  async close(): Promise<void> {
    this.#sender.close()
    await this.#dispatcher.close()
  }
}
