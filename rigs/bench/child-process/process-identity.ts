import { readFileSync } from 'node:fs'

/** When a process has started, in clock ticks since boot (field 22 of /proc/PID/stat); null where the system has no /proc. */
export function processStart(pid: number): number | null {
  return statOf(pid)?.startTicks ?? null
}

/**
 * Whether a process is there and is the one that was meant: a number is given to another process once its first owner has
 * ended. A zombie has ended, and only waits for its parent.
 * @param startTicks of `processStart`; null where it was not known: then the number alone decides
 */
export function isSameProcess(pid: number, startTicks: number | null = null): boolean {
  const stat = statOf(pid)
  if (stat) return stat.state !== 'Z' && (startTicks === null || stat.startTicks === startTicks)
  if (startTicks !== null) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

function statOf(pid: number): { readonly state: string; readonly startTicks: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in brackets may hold anything; the state is field 3.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { state: fields[0] ?? '', startTicks: Number(fields[19]) }
  } catch {
    return undefined
  }
}
