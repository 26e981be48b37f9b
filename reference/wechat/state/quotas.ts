import type { Clock } from '../../ports/clock.js'
import type { ApiRefusal } from '../api/api-error.js'
import { beijingDay } from './beijing-day.js'
import type { Journal } from './journal.js'
import { StoredMap } from './stored-map.js'

const CLEARS_PER_MONTH = 10

interface Used {
  readonly period: string
  readonly count: number
}

/** Calls that each account has made today, by Beijing's day, and how often it has set its counts to nought. */
export class Quotas {
  readonly #used: StoredMap<Used>

  constructor(
    journal: Journal,
    private readonly clock: Clock,
  ) {
    this.#used = new StoredMap(journal, 'quota')
  }

  /** Counts a call. @param limit calls a day */
  take(appId: string, call: string, limit: number): 'taken' | ApiRefusal {
    return this.#take(`${appId} ${call}`, beijingDay(this.clock.now()), limit) ? 'taken' : { errcode: 45009 }
  }

  /** `/cgi-bin/clear_quota`: ten times a month. */
  clear(appId: string): 'cleared' | ApiRefusal {
    const month = beijingDay(this.clock.now()).slice(0, 7)
    if (!this.#take(`${appId} /clear_quota in the month`, month, CLEARS_PER_MONTH)) return { errcode: 48006 }
    for (const [key] of this.#used.entries()) {
      if (key.startsWith(`${appId} `) && !key.endsWith('in the month')) this.#used.delete(key)
    }
    return 'cleared'
  }

  #take(key: string, period: string, limit: number): boolean {
    const used = this.#used.get(key)
    const count = used?.period === period ? used.count : 0
    if (count >= limit) return false
    this.#used.set(key, { period, count: count + 1 })
    return true
  }
}
