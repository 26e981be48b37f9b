import { performance } from 'node:perf_hooks'

/** A timer that fires later than this after its time tells that the thread was busy, and read nothing meanwhile. */
const LATE_MS = 100

/**
 * Calls `passed` when no answer can have come for `ms` milliseconds: while the thread stands still, answers wait to be
 * read, so a deadline that fires late is set anew.
 * @returns cancels it
 */
export function answerDeadline(ms: number, passed: () => void): () => void {
  let timer: NodeJS.Timeout
  const arm = () => {
    const dueAt = performance.now() + ms
    timer = setTimeout(() => (performance.now() - dueAt > LATE_MS ? arm() : passed()), ms)
  }
  arm()
  return () => clearTimeout(timer)
}
