import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { nextLine } from '../../../reference/read-lines.js'
import type { PartyName } from '../parties/serve-schemas.js'
import { RigFault } from '../rig-errors.js'
import { withDeadline } from '../wires/wire-log.js'

const LOCKSTEP = fileURLToPath(new URL('../../cli/main.js', import.meta.url))
const READY_MS = 30_000
const END_MS = 5_000

export interface SpawnedParty {
  readonly urls: Readonly<Record<string, string>>
  close(): Promise<void>
}

/**
 * Starts a party as a user would, `lockstep serve PARTY`, in a process of its own.
 * @param name its own among the parties of the run; its settings are in `NAME.yaml` in the folder
 * @throws RigFault, RigTimeout
 */
export async function spawnParty(
  party: PartyName,
  name: string,
  settings: object,
  folder: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<SpawnedParty> {
  const file = join(folder, `${name}.yaml`)
  writeFileSync(file, stringify(settings), { mode: 0o600 })
  const profiler = process.execArgv.filter((flag) => flag.startsWith('--cpu-prof'))
  const child = spawn(process.execPath, [...profiler, LOCKSTEP, 'serve', party, '--config', file], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  })
  const ended = once(child, 'exit')
  const close = async () => {
    child.stdin.end()
    await withDeadline(`the end of ${name}`, ended, END_MS).catch(() => child.kill('SIGKILL'))
  }
  try {
    const failed = ended.then(([code]) => {
      throw new RigFault(`lockstep serve ${party} (${name}) ended with ${String(code)} before it was ready`)
    })
    // A process that ends closes its output first: how it ended says more.
    const ready = Promise.race([nextLine(child.stdout).catch(() => failed), failed])
    const said = await withDeadline(`lockstep serve ${party} (${name})`, ready, READY_MS)
    const { urls } = JSON.parse(said) as { urls: Record<string, string> }
    return { urls, close }
  } catch (error) {
    await close()
    throw error
  }
}
