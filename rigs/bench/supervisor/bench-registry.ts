import { lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { isSameProcess } from '../child-process/process-identity.js'
import { RigFault } from '../rig-errors.js'

/** A bench that runs on this machine, as its supervisor announces it. */
export interface RunningBench {
  /** Name of the rig, from its profile. */
  readonly rig: string
  /** The board's line: `/dev/ttyACM0`, `virtual board at 127.0.0.1:4711`. */
  readonly board: string
  /** Of the supervisor, which holds the line. */
  readonly pid: number
  /** Its start, by which it is told from a later process of the same number; null where the system does not tell it. */
  readonly startTicks?: number | null
  readonly runnerPid: number
  /** RFC 3339. */
  readonly since: string
  readonly evidenceFolder: string
  /** Where the supervisor listens: a Unix socket, on Windows a named pipe. */
  readonly control: string
}

/**
 * This user's folder of running benches. Whoever may write to it may make a bench safe, so it is this user's alone.
 * @throws RigFault when somebody else made it
 */
function registryFolder(): string {
  const base = process.env['LOCKSTEP_RUNTIME_DIR'] ?? process.env['XDG_RUNTIME_DIR'] ?? tmpdir()
  const { uid } = userInfo()
  const folder = join(base, `lockstep-${uid}`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const stats = lstatSync(folder)
  const foreign = process.platform !== 'win32' && (stats.uid !== uid || (stats.mode & 0o077) !== 0)
  if (!stats.isDirectory() || foreign) {
    throw new RigFault(
      `the folder of running benches ${folder} is not this user's alone; remove it, or set LOCKSTEP_RUNTIME_DIR`,
    )
  }
  return folder
}

/** Where the supervisor of this process may listen. */
export function controlPath(): string {
  return process.platform === 'win32'
    ? `\\\\.\\pipe\\lockstep-${process.pid}`
    : join(registryFolder(), `${process.pid}.sock`)
}

/** Makes a bench known. @returns takes it back */
export function announceBench(bench: RunningBench): () => void {
  const file = join(registryFolder(), `${bench.pid}.json`)
  writeFileSync(`${file}.part`, JSON.stringify(bench), { mode: 0o600 })
  renameSync(`${file}.part`, file)
  return () => forget(file, bench.control)
}

/** The benches that run now, oldest first. What a killed supervisor left behind is swept away. */
export function runningBenches(): RunningBench[] {
  const folder = registryFolder()
  const benches = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => {
      const file = join(folder, name)
      const bench = readBench(file)
      if (bench && isSameProcess(bench.pid, bench.startTicks)) return [bench]
      if (bench) forget(file, bench.control)
      return []
    })
  return benches.sort((a, b) => a.since.localeCompare(b.since))
}

function readBench(file: string): RunningBench | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as RunningBench
  } catch {
    return undefined // it has just ended
  }
}

function forget(file: string, control: string): void {
  rmSync(file, { force: true })
  if (process.platform !== 'win32') rmSync(control, { force: true })
}
