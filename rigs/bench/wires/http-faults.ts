import type { TappedRequest } from './tapped-http.js'

/**
 * What becomes of a request on its way: `lost` reaches nobody, `answer-lost` is carried out but its answer never comes,
 * `doubled` is carried out twice, `overtaken` is taken by the wire and delivered after the next one that is not.
 */
export type HttpFault = 'lost' | 'answer-lost' | 'doubled' | 'overtaken'

interface Rule {
  readonly fault: HttpFault
  readonly matches: (request: TappedRequest) => boolean
  left: number
}

/** The faults that a scenario has put on an HTTP wire; each befalls so many requests, then the wire is whole again. */
export class HttpFaults {
  #rules: Rule[] = []
  #late: (() => Promise<unknown>)[] = []

  /** @param times how many of the matching requests it befalls */
  add(fault: HttpFault, matches: (request: TappedRequest) => boolean, times = 1): void {
    this.#rules.push({ fault, matches, left: times })
  }

  /** The fault that befalls a request, counted. */
  take(request: TappedRequest): HttpFault | undefined {
    const rule = this.#rules.find(({ left, matches }) => left > 0 && matches(request))
    if (!rule) return undefined
    rule.left--
    return rule.fault
  }

  /** Delivers a request once the next one has been answered. */
  deliverLater(deliver: () => Promise<unknown>): void {
    this.#late.push(deliver)
  }

  /** A request was answered: those that it has overtaken follow, in their order. */
  async deliverLate(): Promise<void> {
    const late = this.#late
    this.#late = []
    for (const deliver of late) await deliver()
  }
}
