import { partyUsage, type PartyUsage } from './process-tree.js'

/** What one party used while it was under load. */
export interface PartyRow {
  readonly party: string
  readonly cpuSeconds: number
  /** Of one core, percent. */
  readonly cpuPercent: number
  /** The most that was seen, resident. */
  readonly peakMegabytes: number
}

/** Meters the processes of a run, which are told apart where each party has its own. */
export class PartyMeter {
  readonly #from: ReadonlyMap<string, PartyUsage>
  readonly #startedAt = performance.now()
  readonly #peaks = new Map<string, number>()

  private constructor(usage: readonly PartyUsage[]) {
    this.#from = new Map(usage.map((one) => [one.party, one]))
    this.#see(usage)
  }

  /** @returns undefined on systems that do not tell */
  static start(): PartyMeter | undefined {
    const usage = partyUsage()
    return usage && new PartyMeter(usage)
  }

  look(): void {
    this.#see(partyUsage() ?? [])
  }

  /** Those that worked at all, the busiest first. */
  rows(): PartyRow[] {
    const usage = partyUsage() ?? []
    this.#see(usage)
    const seconds = (performance.now() - this.#startedAt) / 1_000
    return usage
      .map(({ party, cpuSeconds }) => {
        const used = Math.max(0, cpuSeconds - (this.#from.get(party)?.cpuSeconds ?? 0))
        return {
          party,
          cpuSeconds: Math.round(used * 100) / 100,
          cpuPercent: Math.round((used / seconds) * 1_000) / 10,
          peakMegabytes: Math.round((this.#peaks.get(party) ?? 0) / 1e6),
        }
      })
      .sort((a, b) => b.cpuSeconds - a.cpuSeconds)
  }

  #see(usage: readonly PartyUsage[]): void {
    for (const { party, rssBytes } of usage) {
      this.#peaks.set(party, Math.max(rssBytes, this.#peaks.get(party) ?? 0))
    }
  }
}
