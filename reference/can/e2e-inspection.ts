import { fitsE2e, openE2eChecker, type E2eProtection } from './e2e-protection.js'
import type { E2eCheckStatus } from './e2e-status.js'

/** What can be wrong with protected data. `late` and `missing` are told by a clock, not by data. */
export type E2eFault =
  | 'corrupt'
  /** The CRC is another message's of the same contract: data that are not what their id says. */
  | 'masquerade'
  | 'repeated'
  /** Repeated more often in a row than the contract tolerates: the sender does not count any more. */
  | 'stuck-counter'
  /** So few are missing that the contract tolerates it. */
  | 'lost'
  /** Too many are missing, or the order is wrong. */
  | 'wrong-sequence'
  | 'late'
  | 'missing'

export interface E2eInspection {
  readonly status: E2eCheckStatus
  /** The first data with a right CRC: there is nothing yet that their counter could follow. */
  readonly first: boolean
  readonly fault?: E2eFault
  /** For `lost` how many, for `masquerade` the message whose data these are. */
  readonly detail?: { readonly lost?: number; readonly dataOf?: string }
}

/** Checks the data of one message and names what is wrong with them. */
export class E2eInspector {
  readonly #check: ReturnType<typeof openE2eChecker>
  readonly #foreign: readonly E2eProtection[]
  #heard = false
  /** Repetitions since the last data that were none. */
  #repeats = 0

  /** @param contract all protections of the contract; those of other messages tell a masquerade from a flipped bit */
  constructor(
    private readonly protection: E2eProtection,
    contract: readonly E2eProtection[],
  ) {
    this.#check = openE2eChecker(protection)
    this.#foreign = contract.filter(({ message }) => message !== protection.message)
  }

  /** @param data undefined for a cycle in which nothing came */
  inspect(data: Uint8Array | undefined): E2eInspection {
    const { status, lost } = this.#check(data)
    if (data === undefined) return { status, first: false, fault: 'late' }
    if (status === 'error') return { status, first: false, ...this.#wrongCrc(data) }
    const first = !this.#heard
    this.#heard = true
    if (status === 'repeated' && !first) return { status, first, ...this.#repetition() }
    this.#repeats = 0
    if (first) return { status, first }
    if (status === 'wrong-sequence') return { status, first, fault: status }
    return lost > 0 ? { status, first, fault: 'lost', detail: { lost } } : { status, first }
  }

  /** By chance a flipped bit looks like a masquerade: at most once in 256 for each P01 message of the same length. */
  #wrongCrc(data: Uint8Array): Pick<E2eInspection, 'fault' | 'detail'> {
    const owner = this.#foreign.find((foreign) => fitsE2e(foreign, data))
    return owner ? { fault: 'masquerade', detail: { dataOf: owner.message } } : { fault: 'corrupt' }
  }

  #repetition(): Pick<E2eInspection, 'fault'> {
    this.#repeats++
    const most = this.protection.maxNoNewOrRepeatedData
    if (this.#repeats === most + 1) return { fault: 'stuck-counter' }
    return this.#repeats <= most ? { fault: 'repeated' } : {}
  }
}
