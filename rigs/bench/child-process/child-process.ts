import { fork, type ChildProcess } from 'node:child_process'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { errorOfRecord, type FaultRecord } from '../../../reference/ports/fault-record.js'
import { RigFault } from '../rig-errors.js'

/** Thrown when a process of the rig did not get ready, or ended while it was needed. */
export class RigProcessFailed extends RigFault {
  override readonly name = 'RigProcessFailed'
  constructor(process: string, problem: string, evidenceFolder: string, options?: ErrorOptions) {
    super(
      `the ${process} process ${problem}; what it said is in ${join(evidenceFolder, `${process}.stderr.log`)}`,
      options,
    )
  }
}

/**
 * Starts a process that outlives its parent: in a group of its own, so that Ctrl-C does not reach it, with an IPC
 * channel whose end tells it that the parent is gone. Its standard error goes to `NAME.stderr.log` in the folder.
 */
export function forkDetached(
  name: string,
  module: URL,
  settings: unknown,
  evidenceFolder: string,
): ChildProcess {
  mkdirSync(evidenceFolder, { recursive: true })
  const log = openSync(join(evidenceFolder, `${name}.stderr.log`), 'a')
  try {
    return fork(fileURLToPath(module), [JSON.stringify(settings)], {
      detached: true,
      stdio: ['ignore', 'ignore', log, 'ipc'],
      execArgv: [],
    })
  } finally {
    closeSync(log)
  }
}

/**
 * The next report of a child that `pick` takes.
 * @param waitMs wall milliseconds
 * @throws RigProcessFailed when the child ends first, or the time is over
 */
export function awaitReport<Report, T>(
  child: ChildProcess,
  name: string,
  evidenceFolder: string,
  waitMs: number,
  pick: (report: Report) => T | undefined,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const fail = (problem: string) => {
      stop()
      reject(new RigProcessFailed(name, problem, evidenceFolder))
    }
    const onMessage = (report: unknown) => {
      const picked = pick(report as Report)
      if (picked === undefined) return
      stop()
      resolve(picked)
    }
    const onExit = (code: number | null, signal: string | null) => fail(`ended (${signal ?? code})`)
    const onError = (error: Error) => fail(`could not be reached: ${error.message}`)
    const timer = setTimeout(() => fail(`gave no answer within ${waitMs} ms`), waitMs)
    const stop = () => {
      clearTimeout(timer)
      child.off('message', onMessage).off('exit', onExit).off('error', onError)
    }
    child.on('message', onMessage).on('exit', onExit).on('error', onError)
    // One that has ended already will say nothing more, not even that.
    if (hasEnded(child)) onExit(child.exitCode, child.signalCode)
  })
}

/** What a process says instead of being ready. */
export interface StartFailure {
  readonly type: 'failed'
  readonly fault: FaultRecord
}

/**
 * Waits until a child has said that it is ready; one that is not in time is killed.
 * @throws RigProcessFailed
 */
export async function awaitReady<Report extends { readonly type: string }, T extends object | number>(
  child: ChildProcess,
  name: string,
  evidenceFolder: string,
  waitMs: number,
  pick: (report: Report) => T | undefined,
): Promise<T> {
  try {
    const started = await awaitReport<Report | StartFailure, T | StartFailure>(
      child,
      name,
      evidenceFolder,
      waitMs,
      (report) => (isFailure(report) ? report : pick(report)),
    )
    if (!isFailure(started)) return started
    const { fault } = started
    throw new RigProcessFailed(name, `failed: ${fault.name}: ${fault.message}`, evidenceFolder, {
      cause: errorOfRecord(fault),
    })
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
}

function isFailure(report: object | number): report is StartFailure {
  return typeof report === 'object' && 'type' in report && report.type === 'failed'
}

/** Sends without caring whether anybody is left to hear it: the exit is what tells. */
export function tell(child: ChildProcess, message: object): void {
  if (child.connected) child.send(message, () => {})
}

/** Resolves when the child has ended; after `graceMs` it is killed. */
export async function awaitExit(child: ChildProcess, graceMs: number): Promise<void> {
  if (hasEnded(child)) return
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), graceMs)
    child.once('exit', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null
