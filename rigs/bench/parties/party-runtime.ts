import { randomInt, randomUUID } from 'node:crypto'
import type { Clock } from '../../../reference/ports/clock.js'
import type { EventLog } from '../../../reference/ports/event-log.js'

/** What every party of a process shares. */
export interface PartyRuntime {
  readonly clock: Clock
  log(party: string): EventLog
}

/** Randomness and identifiers as in production. */
export const production = { random: (limit: number) => randomInt(limit), newId: () => randomUUID() } as const

/** What every party takes: time, its log, randomness and identifiers. */
export function partyDeps(runtime: PartyRuntime, party: string) {
  return { clock: runtime.clock, log: runtime.log(party), ...production }
}
