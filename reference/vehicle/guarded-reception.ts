import { frameKey, type DbcMessage } from '../can/dbc-model.js'
import type { E2eState } from '../can/e2e-state-machine.js'
import { parkingBus } from '../contracts/parking-bus.js'
import type { CanFrame } from '../ports/can-bus.js'
import type { EventLog } from '../ports/event-log.js'
import { readParkingFrame, type ParkingMessage } from './parking-frames.js'
import { ReceptionGuard, type ReceptionHealth, type Schedule } from './reception-guard.js'

export interface GuardedReceptionOptions {
  /** The protected messages that this node receives in cycles of `cycleMs`. */
  readonly messages: readonly DbcMessage[]
  readonly cycleMs: number
  readonly schedule: Schedule
  /** Faults are recorded as `e2e-<fault>`, changes of a message's state as `e2e-state`. */
  readonly log: EventLog
  /** Called after a change of a message's state, of the first one's of several in the same turn too. */
  readonly onState?: (message: DbcMessage, state: E2eState) => void
}

/** A parking message whose check has passed. */
export interface CheckedMessage {
  readonly message: ParkingMessage
  /** False as long as the state of its reception is not valid: then it is not to be used. */
  readonly valid: boolean
}

type Reading = { readonly message?: ParkingMessage } | { readonly problem: string }

function read(frame: CanFrame): Reading {
  try {
    const message = readParkingFrame(frame)
    return message ? { message } : {}
  } catch (error) {
    return { problem: (error as Error).message }
  }
}

/** A node's reception of protected messages, one guard for each. */
export class GuardedReception {
  readonly #guards = new Map<number, ReceptionGuard>()
  readonly #log: EventLog

  constructor({ messages, cycleMs, schedule, log, onState }: GuardedReceptionOptions) {
    this.#log = log
    for (const message of messages) {
      const { name } = message
      const guard = new ReceptionGuard({
        protection: parkingBus.protectionOf(message),
        contract: parkingBus.protections,
        cycleMs,
        schedule,
        // Malformed ones are recorded with their reason, as frames that are refused.
        onFault: (fault, detail) => {
          if (fault !== 'malformed') log.record(`e2e-${fault}`, { message: name, ...detail })
        },
        onState: (state) => {
          log.record('e2e-state', { message: name, state })
          onState?.(message, state)
        },
      })
      this.#guards.set(frameKey(message), guard)
    }
  }

  get health(): ReceptionHealth[] {
    return [...this.#guards.values()].map(({ health }) => health)
  }

  /** @returns undefined for a frame that is not for this node, or is refused */
  accept(frame: CanFrame): CheckedMessage | undefined {
    const guard = frame.remote ? undefined : this.#guards.get(frameKey(frame))
    if (!guard) return undefined
    const reading = read(frame)
    const verdict = guard.accept(frame.data, 'problem' in reading)
    if ('problem' in reading) {
      this.#log.record('frame-refused', { reason: reading.problem })
      return undefined
    }
    if (verdict === 'refused' || !reading.message) return undefined
    return { message: reading.message, valid: verdict === 'use' }
  }

  /** Nothing is expected until the next frame. */
  rest(): void {
    for (const guard of this.#guards.values()) guard.rest()
  }
}
