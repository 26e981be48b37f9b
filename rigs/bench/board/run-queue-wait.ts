import { readFileSync } from 'node:fs'

/** What Linux says of one process's main thread: a Node.js program lives on it. */
export interface SchedulerFigures {
  /** On a processor, and runnable without one, nanoseconds (Documentation/scheduler/sched-stats.rst). */
  readonly ranNs: number
  readonly waitedNs: number
  /** Running or runnable (`R` in /proc/PID/stat): not asleep, not stopped. */
  readonly runnable: boolean
}

/** @returns undefined where the process has ended, or the system has no such figures */
export function schedulerFigures(pid: number): SchedulerFigures | undefined {
  try {
    const [ran = '', waited = ''] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in brackets may hold anything.
    return {
      ranNs: Number(ran),
      waitedNs: Number(waited),
      runnable: stat.slice(stat.lastIndexOf(')') + 2).startsWith('R'),
    }
  } catch {
    return undefined
  }
}

interface Look {
  readonly figures: SchedulerFigures
  /** Since when the figures have stood as they are. */
  readonly sinceMs: number
}

/**
 * How long processes have been runnable without a processor. A process that hangs, sleeps or is stopped does not wait in
 * this sense, however busy the machine is. The kernel adds a wait when it ends; the one that goes on is seen by a
 * process that is runnable and does not run.
 */
export class RunQueueWait {
  readonly #pids: readonly number[]
  readonly #looks = new Map<number, Look>()
  readonly #figuresOf: typeof schedulerFigures
  readonly #nowMs: () => number

  constructor(
    pids: readonly number[],
    figuresOf: typeof schedulerFigures = schedulerFigures,
    nowMs: () => number = () => performance.now(),
  ) {
    this.#pids = pids
    this.#figuresOf = figuresOf
    this.#nowMs = nowMs
  }

  /** The sum over the processes, wall milliseconds; undefined where the system does not tell it of any. */
  totalMs(): number | undefined {
    const each = this.#pids.map((pid) => this.#waitedMs(pid)).filter((waited) => waited !== undefined)
    return each.length === 0 ? undefined : each.reduce((sum, waited) => sum + waited, 0)
  }

  #waitedMs(pid: number): number | undefined {
    const figures = this.#figuresOf(pid)
    if (!figures) return undefined
    const before = this.#looks.get(pid)
    const stands =
      before &&
      figures.runnable &&
      before.figures.runnable &&
      before.figures.ranNs === figures.ranNs &&
      before.figures.waitedNs === figures.waitedNs
    const nowMs = this.#nowMs()
    const sinceMs = stands ? before.sinceMs : nowMs
    this.#looks.set(pid, { figures, sinceMs })
    return figures.waitedNs / 1e6 + (nowMs - sinceMs)
  }
}
