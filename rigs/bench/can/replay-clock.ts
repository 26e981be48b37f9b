import { performance } from 'node:perf_hooks'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import type { ReplayClock } from './replay.js'

/** Timers end up to this late; what remains is passed in turns of the event loop. */
const TIMER_GRAIN_US = 2_000

/** The wall clock of this process, for replays. */
export const wallReplayClock: ReplayClock = {
  nowUs: () => performance.now() * 1_000,
  async until(us, signal) {
    for (;;) {
      signal?.throwIfAborted()
      const remainingUs = us - performance.now() * 1_000
      if (remainingUs <= 0) return
      if (remainingUs > TIMER_GRAIN_US) {
        await sleep((remainingUs - TIMER_GRAIN_US) / 1_000, undefined, signal ? { signal } : {})
      } else await nextTurn()
    }
  },
}
