import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { REDACTION_KEY_VARIABLE } from '../../evidence/redaction.js'
import type { BenchParts } from '../bench-parts.js'
import { remoteClock } from '../control/remote-clock.js'
import type { ServingParty } from '../parties/on-store.js'
import type { PartyName } from '../parties/serve-schemas.js'
import { RigFault } from '../rig-errors.js'
import { withDeadline } from '../wires/wire-log.js'

const LOCKSTEP = fileURLToPath(new URL('../../cli/main.js', import.meta.url))
const READY_MS = 30_000
const END_MS = 5_000

/**
 * Starts a party as a user would, `lockstep serve PARTY`, and follows it as an external party.
 * @param name its own among the parties of the scenario: its evidence goes by it
 */
export async function startPartyProcess(
  party: PartyName,
  name: string,
  config: object,
  storeUrl: string | undefined,
  bench: BenchParts,
): Promise<ServingParty> {
  const { clock, secrets, evidenceFolder, redactionKey } = bench
  const file = join(bench.newFolder(), `${name}.yaml`)
  const settings = {
    ...config,
    ...(storeUrl !== undefined && { store: { url: storeUrl } }),
    clock: { control: { token: secrets.controlToken, startMs: clock.now() } },
  }
  writeFileSync(file, stringify(settings), { mode: 0o600 })
  const child = spawn(process.execPath, [LOCKSTEP, 'serve', party, '--config', file], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      ...process.env,
      LOCKSTEP_EVIDENCE: evidenceFolder,
      LOCKSTEP_PROCESS: name,
      [REDACTION_KEY_VARIABLE]: redactionKey,
    },
  })
  const ended = once(child, 'exit')
  const end = async () => {
    child.stdin.end()
    await withDeadline(`the end of ${name}`, ended, END_MS).catch(() => child.kill('SIGKILL'))
  }
  try {
    const line = once(createInterface(child.stdout), 'line') as Promise<[string]>
    const failed = ended.then(([code]) => {
      throw new RigFault(`lockstep serve ${party} (${name}) ended with ${String(code)} before it was ready`)
    })
    const ready = Promise.race([line, failed])
    const [said] = await withDeadline(`lockstep serve ${party} (${name})`, ready, READY_MS)
    const { urls } = JSON.parse(said) as { urls: Record<string, string> }
    const release = await clock.lead(remoteClock(urls['clock'] ?? '', secrets.controlToken))
    return {
      url: urls[party] ?? '',
      close: async () => {
        release()
        await end()
      },
    }
  } catch (error) {
    await end()
    throw error
  }
}
