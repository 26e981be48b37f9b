import type { VehicleCommandBody } from '../contracts/vehicle-link.js'
import type { EventLog } from '../ports/event-log.js'
import type { SqlTransaction, SqlStore } from '../ports/sql-store.js'
import { Dispatcher } from '../sql/dispatcher.js'
import {
  pendingMessages,
  postMessage,
  removeMessage,
  type CloudMessage,
  type VehicleNewsItem,
} from './cloud-outbox.js'
import type { VehicleLink } from './vehicle-link.js'

/** Wait before a command that the broker did not take is tried again, milliseconds of wall time. */
const RETRY_MS = 500

/** The broker did not take a command in time. */
class VehicleUnreached extends Error {
  override readonly name = 'VehicleUnreached'
  constructor() {
    super('the broker did not take the command')
  }
}

export interface VehicleNewsDeps {
  readonly sql: SqlStore
  readonly link: VehicleLink
  readonly log: EventLog
  readonly newId: () => string
  /** Whether it is for this instance to send. */
  readonly onDuty: () => boolean
}

/** What cars are told of plans and reservations: committed with the state, sent in order, at least once. */
export class VehicleNews {
  readonly #dispatcher: Dispatcher<CloudMessage<VehicleNewsItem>>

  constructor(private readonly deps: VehicleNewsDeps) {
    const { sql, link, log, onDuty } = deps
    this.#dispatcher = new Dispatcher<CloudMessage<VehicleNewsItem>>({
      name: 'vehicle-news',
      store: sql,
      log,
      onDuty,
      pending: (from) => pendingMessages(from, 'vehicle'),
      deliver: async ({ recipient, payload, correlationId }) => {
        if ((await link.send(recipient, payload, correlationId)) === 'unsent') throw new VehicleUnreached()
      },
      remove: removeMessage,
      retryMs: () => RETRY_MS,
    })
  }

  /** Commits a command with the state of the caller's transaction; `kick` sends it after that. */
  post(session: SqlTransaction, vehicleId: string, body: VehicleCommandBody, correlationId: string): void {
    const command = { ...body, id: this.deps.newId() }
    postMessage(session, 'vehicle', vehicleId, command, correlationId)
  }

  kick(): Promise<void> {
    return this.#dispatcher.kick()
  }

  close(): Promise<void> {
    return this.#dispatcher.close()
  }
}
