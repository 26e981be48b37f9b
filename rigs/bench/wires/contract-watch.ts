/** What the watch found on one wire. */
export interface WireContract {
  readonly wire: string
  /** Messages that were held against the contract. */
  readonly checked: number
  readonly violations: readonly ContractBreach[]
}

export interface ContractBreach {
  /** The party at fault: it sent the message. */
  readonly party: string
  readonly what: string
  /** How often the same was seen. */
  readonly times: number
  /** Of the first, RFC 3339, wall time. */
  readonly at: string
}

/** Counts, for every wire, what was checked against its contract and who broke it. */
export class ContractWatch {
  readonly #wires = new Map<string, { checked: number; violations: (ContractBreach & { times: number })[] }>()

  constructor(wires: readonly string[]) {
    for (const wire of wires) this.#wires.set(wire, { checked: 0, violations: [] })
  }

  /**
   * One message was seen on a wire.
   * @param party who sent it
   * @param violation what is wrong with it, undefined when nothing is
   */
  saw(wire: string, party: string, violation: string | undefined): void {
    const state = this.#wires.get(wire)
    if (!state) throw new Error(`no such wire: ${wire}`)
    state.checked++
    if (!violation) return
    const known = state.violations.find((breach) => breach.party === party && breach.what === violation)
    if (known) known.times++
    else state.violations.push({ party, what: violation, times: 1, at: new Date().toISOString() })
  }

  contracts(): WireContract[] {
    return [...this.#wires].map(([wire, state]) => ({ wire, ...state }))
  }

  violations(): (ContractBreach & { readonly wire: string })[] {
    return this.contracts().flatMap(({ wire, violations }) =>
      violations.map((breach) => ({ wire, ...breach })),
    )
  }
}
