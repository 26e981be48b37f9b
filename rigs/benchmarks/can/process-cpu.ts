import { readdirSync, readFileSync } from 'node:fs'

/** USER_HZ: what /proc counts processor time in, on every Linux of today. */
const TICKS_PER_SECOND = 100

interface ProcessTimes {
  readonly parent: number
  /** Its own, and that of its children that have ended. */
  readonly seconds: number
}

/** @param stat of /proc/PID/stat (proc(5)); the name in brackets may hold anything */
export function readTimes(stat: string): ProcessTimes {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // Fields 4 and 14 to 17 of proc(5); the first here is its third.
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
  return { parent: Number(fields[1]), seconds: ticks / TICKS_PER_SECOND }
}

function timesOf(pid: string): ProcessTimes | undefined {
  try {
    return readTimes(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    // It has ended since the folder was listed, or this system has no /proc.
    return undefined
  }
}

function processes(): string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  } catch {
    return []
  }
}

/** Processor time of this process and of the children that a driver has started, seconds. */
export function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  const children = processes()
    .map(timesOf)
    .filter((times) => times?.parent === process.pid)
    .reduce((sum, times) => sum + (times?.seconds ?? 0), 0)
  return (user + system) / 1e6 + children
}

/** Processor time of one process, seconds; null when it has ended, or where there is no /proc. */
export function cpuSecondsOf(pid: number): number | null {
  return timesOf(String(pid))?.seconds ?? null
}
