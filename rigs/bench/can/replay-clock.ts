import { performance } from 'node:perf_hooks'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import type { ReplayClock } from './replay.js'

/** Timers end up to this late; what remains is passed in turns of the event loop. */
const TIMER_GRAIN_US = 2_000
/** Timers count milliseconds in 31 bits; a longer pause is several. */
const LONGEST_TIMER_MS = 2_147_483_647

/** The wall clock of this process, for replays. */
export const wallReplayClock: ReplayClock = {
  nowUs: () => performance.now() * 1_000,
  async until(us, signal) {
    for (;;) {
      signal?.throwIfAborted()
      const remainingUs = us - performance.now() * 1_000
      if (remainingUs <= 0) return
      if (remainingUs > TIMER_GRAIN_US) {
        const sleepMs = Math.min((remainingUs - TIMER_GRAIN_US) / 1_000, LONGEST_TIMER_MS)
        await sleep(sleepMs, undefined, signal ? { signal } : {})
      } else await nextTurn()
    }
  },
}
