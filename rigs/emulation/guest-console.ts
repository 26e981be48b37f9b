import { randomBytes } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readLines } from '../../reference/read-lines.js'
import { guestMarks, type GuestMarks } from './guest-job.js'

/** The guest kernel ended without saying how its job ended, or did not end in time. */
export class GuestFailed extends Error {
  override readonly name = 'GuestFailed'
}

export interface GuestOutcome {
  /** Of the job. */
  readonly exitCode: number
  readonly bootSeconds: number
  readonly jobSeconds: number
  /** From the job's end to the guest's. */
  readonly haltSeconds: number
}

/** Kept to explain a guest that does not come up. */
const LAST_LINES = 30

/**
 * Starts a guest kernel and follows its console, which is the process's standard output.
 * @param commandLine builds the command from the marks that the guest's init script must print
 * @param print gets each line that the job prints
 * @throws GuestFailed
 */
export async function followGuest(
  name: string,
  commandLine: (marks: GuestMarks) => readonly [string, ...string[]],
  deadlineMs: number,
  print: (line: string) => void,
): Promise<GuestOutcome> {
  const marks = guestMarks(randomBytes(6).toString('hex'))
  const [command, ...args] = commandLine(marks)
  const startedAt = performance.now()
  // A group of its own, so that whatever the guest kernel forks ends with it.
  const guest = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  const kill = () => {
    try {
      if (guest.pid !== undefined) process.kill(-guest.pid, 'SIGKILL')
    } catch {
      // It has ended already.
    }
  }
  const interrupted = (signal: NodeJS.Signals) => {
    kill()
    process.kill(process.pid, signal)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, interrupted)
  process.once('exit', kill)
  let late = false
  const deadline = setTimeout(() => {
    late = true
    kill()
  }, deadlineMs)

  let jobStartedAt: number | undefined
  let jobEndedAt: number | undefined
  let exitCode: number | undefined
  const last: string[] = []
  const keep = (line: string) => {
    last.push(line)
    if (last.length > LAST_LINES) last.shift()
  }
  const take = (raw: string) => {
    const line = raw.replace(/\r+$/, '')
    keep(line)
    if (line.includes(marks.started)) jobStartedAt = performance.now()
    else if (line.includes(marks.ended)) {
      jobEndedAt = performance.now()
      // The kernel may write its own farewell behind it, on the same line.
      exitCode = Number.parseInt(
        /^(\d+)\./.exec(line.slice(line.indexOf(marks.ended) + marks.ended.length))?.[1] ?? '',
      )
    } else if (jobStartedAt !== undefined && exitCode === undefined) print(line)
    else if (line.startsWith('lockstep:')) print(line)
  }
  readLines(guest.stdout, take)
  // What the emulator itself has to say explains a guest that does not come up.
  readLines(guest.stderr, keep)
  try {
    const [code, signal] = (await once(guest, 'close')) as [number | null, string | null]
    if (
      jobStartedAt === undefined ||
      jobEndedAt === undefined ||
      exitCode === undefined ||
      Number.isNaN(exitCode)
    ) {
      const how = late ? `did not end within ${deadlineMs / 1_000} s` : `ended (${code ?? signal})`
      throw new GuestFailed(
        `${name} ${how} without saying how its job went; its last lines:\n${last.join('\n')}`,
      )
    }
    const seconds = (from: number, to: number) => (to - from) / 1_000
    return {
      exitCode,
      bootSeconds: seconds(startedAt, jobStartedAt),
      jobSeconds: seconds(jobStartedAt, jobEndedAt),
      haltSeconds: seconds(jobEndedAt, performance.now()),
    }
  } finally {
    clearTimeout(deadline)
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, interrupted)
    process.off('exit', kill)
  }
}
