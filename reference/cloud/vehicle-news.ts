import type { VehicleCommand, VehicleCommandBody, VehicleEvent } from '../contracts/vehicle-link.js'
import type { Clock } from '../ports/clock.js'
import type { EventLog } from '../ports/event-log.js'
import type { SqlSession, SqlStore } from '../ports/sql-store.js'
import { Dispatcher, type Delivered } from '../sql/dispatcher.js'
import {
  pendingMessages,
  postMessage,
  removeMessages,
  removeUpTo,
  type CloudMessage,
} from './cloud-outbox.js'
import type { VehicleLink } from './vehicle-link.js'

/** A command that the car has not shown by then shows nothing, seconds of business time. */
const COMMAND_LIFE_SECONDS = 600
/** Wait before a command that the broker did not take is tried again, milliseconds of wall time. */
const RETRY_MS = 500
/** How long a car may be silent about a command before it is sent again; doubled each time. Wall milliseconds. */
const FIRST_RESEND_MS = 3_000
/** After so many the next command is sent too; all of them again when the car is back. */
const MOST_SENT = 3

/** The broker did not take a command in time. */
class VehicleUnreached extends Error {
  override readonly name = 'VehicleUnreached'
  constructor() {
    super('the broker did not take the command')
  }
}

export interface VehicleNewsDeps {
  readonly sql: SqlStore
  readonly link: Pick<VehicleLink, 'send'>
  readonly clock: Clock
  readonly log: EventLog
  readonly newId: () => string
  /** Whether it is for this instance to send. */
  readonly onDuty: () => boolean
  /** Wall time. */
  readonly monotonicMs?: () => number
}

interface Unanswered {
  readonly message: CloudMessage<VehicleCommand>
  readonly sent: number
  readonly dueAt: number
}

/**
 * What cars are told of plans and reservations: committed with the state, and kept until the car has said what became of
 * it, or its life is over. To each car one after the other, because a state belongs to the plan before it.
 */
export class VehicleNews {
  readonly #dispatcher: Dispatcher<CloudMessage<VehicleCommand>>
  /** By sequence. */
  readonly #unanswered = new Map<number, Unanswered>()

  constructor(private readonly deps: VehicleNewsDeps) {
    const { sql, log, onDuty } = deps
    this.#dispatcher = new Dispatcher<CloudMessage<VehicleCommand>>({
      name: 'vehicle-news',
      store: sql,
      log,
      onDuty,
      pending: async (from, page) => {
        const messages = await pendingMessages(from, 'vehicle', page)
        // Until 0.1.0 a command's life began when it was sent.
        return messages.map((each) => ({ ...each, payload: { ...this.#life(), ...each.payload } }))
      },
      deliver: (message) => this.#deliver(message),
      remove: removeMessages,
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
    const command = { id: this.deps.newId(), ...this.#life(), correlationId, ...body }
    return postMessage(session, 'vehicle', vehicleId, command, correlationId)
  }

  kick(): Promise<void> {
    return this.#dispatcher.kick()
  }

  /** To be called often: sends again what has been unanswered for too long. */
  look(): void {
    const now = this.#now
    for (const { message, sent, dueAt } of [...this.#unanswered.values()]) {
      const { key: vehicleId, sequence, payload, correlationId } = message
      if (this.#isOver(payload)) void this.#strike(message, 'vehicle-command-expired')
      else if (dueAt > now) continue
      else if (sent < MOST_SENT) void this.#dispatcher.again(vehicleId)
      else if (dueAt < Infinity) {
        this.deps.log.record('vehicle-command-unanswered', { vehicleId, id: payload.id }, correlationId)
        this.#unanswered.set(sequence, { message, sent, dueAt: Infinity })
        this.#dispatcher.answered(vehicleId, sequence)
      }
    }
  }

  /** The broker may have died, and have lost what it had taken. */
  connected(): void {
    this.letGo()
    void this.kick()
  }

  /** What a car says: it is back, or has shown something or not. */
  take(vehicleId: string, event: VehicleEvent): void {
    if (!this.deps.onDuty()) return
    if (event.type === 'born') {
      for (const [sequence, { message }] of this.#unanswered) {
        if (message.key === vehicleId) this.#unanswered.delete(sequence)
      }
      void this.#dispatcher.again(vehicleId)
      return
    }
    // Since 1.2.0 it names the command; before, the plan and its state tell, of which the oldest is meant.
    const isMeant = ({ id, planId, state }: VehicleCommand) =>
      event.commandId === undefined
        ? planId === event.planId && state === event.state
        : id === event.commandId
    for (const { message } of this.#unanswered.values()) {
      if (message.key === vehicleId && isMeant(message.payload)) return void this.#strike(message)
    }
  }

  letGo(): void {
    this.#dispatcher.letGo()
    this.#unanswered.clear()
  }

  close(): Promise<void> {
    return this.#dispatcher.close()
  }

  async #deliver(message: CloudMessage<VehicleCommand>): Promise<Delivered> {
    const { key: vehicleId, sequence, payload, correlationId } = message
    const { link, log } = this.deps
    if (this.#isOver(payload)) {
      log.record('vehicle-command-expired', { vehicleId, id: payload.id }, correlationId)
      this.#unanswered.delete(sequence)
      return 'done'
    }
    const sent = (this.#unanswered.get(sequence)?.sent ?? 0) + 1
    const dueAt = this.#now + FIRST_RESEND_MS * 2 ** (sent - 1)
    // Before it is sent: its answer may be quicker than the broker's acknowledgement.
    this.#unanswered.set(sequence, { message, sent, dueAt })
    if ((await link.send(vehicleId, payload, correlationId)) === 'unsent') {
      this.#unanswered.delete(sequence)
      throw new VehicleUnreached()
    }
    return this.#unanswered.has(sequence) ? 'awaited' : 'kept'
  }

  /** A later one that is answered makes those before it pointless. */
  async #strike(message: CloudMessage<VehicleCommand>, why?: string): Promise<void> {
    const { sql, log } = this.deps
    const { key: vehicleId, sequence, payload, correlationId } = message
    for (const [each, { message: other }] of this.#unanswered) {
      if (other.key === vehicleId && each <= sequence) this.#unanswered.delete(each)
    }
    if (why !== undefined) log.record(why, { vehicleId, id: payload.id }, correlationId)
    try {
      await sql.transaction((session) => removeUpTo(session, 'vehicle', message))
      this.#dispatcher.answered(vehicleId, sequence)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      log.record('vehicle-answer-not-kept', { vehicleId, reason }, correlationId)
      // The car answers again what it knows.
      void this.#dispatcher.again(vehicleId)
    }
  }

  #life(): Pick<VehicleCommand, 'issuedAt' | 'expiresAt'> {
    const nowMs = this.deps.clock.now()
    return {
      issuedAt: new Date(nowMs).toISOString(),
      expiresAt: new Date(nowMs + COMMAND_LIFE_SECONDS * 1000).toISOString(),
    }
  }

  #isOver({ expiresAt }: VehicleCommand): boolean {
    return Date.parse(expiresAt) <= this.deps.clock.now()
  }

  get #now(): number {
    return (this.deps.monotonicMs ?? (() => performance.now()))()
  }
}
