import { E2eInspector } from '../can/e2e-inspection.js'
import type { E2eState } from '../can/e2e-state-machine.js'
import { parkingBus } from '../contracts/parking-bus.js'
import type { EventLog } from '../ports/event-log.js'
import { decodeParkingLabel, type ParkingLabel } from './parking-label.js'
import type { ReceptionFault, ReceptionHealth } from './reception-guard.js'

/** `same`: byte for byte the label that was taken last, so that nothing has changed. */
export type LabelVerdict = { readonly label: ParkingLabel } | { readonly refused: 'same' | 'other' }

/** Labels come once, not in cycles: each is used or refused for itself, and asked for again where it is missing. */
export class LabelReception {
  readonly #inspector = new E2eInspector(
    parkingBus.protectionOf(parkingBus.labelTransport),
    parkingBus.protections,
  )
  readonly #faults: Partial<Record<ReceptionFault, number>> = {}
  #state: E2eState = 'no-data'
  #taken: Uint8Array | undefined

  constructor(private readonly log: EventLog) {}

  get health(): ReceptionHealth {
    return {
      message: parkingBus.labelTransport.name,
      state: this.#state,
      faults: { ...this.#faults },
    }
  }

  /** What is refused is recorded, too. */
  accept(payload: Uint8Array): LabelVerdict {
    const { status, first, fault, detail } = this.#inspector.inspect(payload)
    if (fault) {
      this.#count(fault)
      this.log.record(`e2e-${fault}`, { message: parkingBus.labelTransport.name, ...detail })
    }
    const label = status === 'ok' || first ? this.#decode(payload) : undefined
    this.#state = label ? 'valid' : 'invalid'
    if (!label)
      return { refused: this.#taken && Buffer.compare(this.#taken, payload) === 0 ? 'same' : 'other' }
    this.#taken = payload
    return { label }
  }

  #decode(payload: Uint8Array): ParkingLabel | undefined {
    try {
      return decodeParkingLabel(payload)
    } catch (error) {
      this.#count('malformed')
      this.log.record('label-refused', { reason: (error as Error).message })
      return undefined
    }
  }

  #count(fault: ReceptionFault): void {
    this.#faults[fault] = (this.#faults[fault] ?? 0) + 1
  }
}
