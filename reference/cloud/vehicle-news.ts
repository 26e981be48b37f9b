import type { VehicleCommandBody } from '../contracts/vehicle-link.js'
import type { EventLog } from '../ports/event-log.js'
import type { SqlSession, SqlStore } from '../ports/sql-store.js'
import { Dispatcher } from '../sql/dispatcher.js'
import { pendingMessages, postMessage, removeMessage, type CloudMessage } from './cloud-outbox.js'
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

/** What cars are told of their reservations: committed with the state, sent in order, at least once. */
export class VehicleNews {
  readonly #dispatcher: Dispatcher<CloudMessage<VehicleCommandBody>>

  constructor(store: SqlStore, vehicles: VehicleLink, log: EventLog) {
    this.#dispatcher = new Dispatcher({
      name: 'vehicle-news',
      store,
      log,
      pending: (from) => pendingMessages(from, 'vehicle'),
      deliver: async ({ recipient, payload, correlationId }) => {
        if ((await vehicles.send(recipient, payload, correlationId)) === 'unsent')
          throw new VehicleUnreached()
      },
      remove: removeMessage,
      retryMs: () => RETRY_MS,
    })
  }

  /** Commits a command with the state of the caller's transaction; `kick` sends it after that. */
  post(
    session: SqlSession,
    vehicleId: string,
    body: VehicleCommandBody,
    correlationId: string,
  ): Promise<void> {
    return postMessage(session, 'vehicle', vehicleId, body, correlationId)
  }

  kick(): Promise<void> {
    return this.#dispatcher.kick()
  }

  close(): Promise<void> {
    return this.#dispatcher.close()
  }
}
