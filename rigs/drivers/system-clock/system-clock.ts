import type { Clock } from '../../../reference/ports/clock.js'

/** Looking at the clock at least this often, milliseconds, a task is not missed for longer when the time is set. */
const LONGEST_SLEEP_MS = 60_000

/** Business time that is wall time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  at(epochMs, task) {
    let timer: NodeJS.Timeout
    const sleep = () => {
      const remainingMs = Math.min(Math.max(0, epochMs - Date.now()), LONGEST_SLEEP_MS)
      timer = setTimeout(() => (Date.now() >= epochMs ? task() : sleep()), remainingMs)
    }
    sleep()
    return () => clearTimeout(timer)
  },
}
