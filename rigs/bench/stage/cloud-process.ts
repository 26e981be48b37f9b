import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import type { CloudConfig } from '../../../reference/cloud/cloud-config.js'
import { REDACTION_KEY_VARIABLE } from '../../evidence/redaction.js'
import type { BenchParts } from '../bench-parts.js'
import { remoteClock } from '../control/remote-clock.js'
import type { ServingParty } from '../parties/on-store.js'
import { RigFault } from '../rig-errors.js'
import { withDeadline } from '../wires/wire-log.js'

const LOCKSTEP = fileURLToPath(new URL('../../cli/main.js', import.meta.url))
const READY_MS = 20_000
const END_MS = 5_000

/** Starts a cloud as a user would, `lockstep serve cloud`, and follows it as an external party. */
export async function startCloudProcess(
  config: CloudConfig,
  storeUrl: string,
  bench: BenchParts,
): Promise<ServingParty> {
  const { clock, secrets, evidenceFolder, redactionKey } = bench
  const file = join(bench.newFolder(), 'cloud.yaml')
  const settings = {
    ...config,
    store: { url: storeUrl },
    clock: { control: { token: secrets.controlToken, startMs: clock.now() } },
  }
  writeFileSync(file, stringify(settings), { mode: 0o600 })
  const child = spawn(process.execPath, [LOCKSTEP, 'serve', 'cloud', '--config', file], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, LOCKSTEP_EVIDENCE: evidenceFolder, [REDACTION_KEY_VARIABLE]: redactionKey },
  })
  const ended = once(child, 'exit')
  const end = async () => {
    child.stdin.end()
    await withDeadline("the cloud process's end", ended, END_MS).catch(() => child.kill('SIGKILL'))
  }
  try {
    const line = once(createInterface(child.stdout), 'line') as Promise<[string]>
    const failed = ended.then(([code]) => {
      throw new RigFault(`lockstep serve cloud ended with ${String(code)} before it was ready`)
    })
    const [ready] = await withDeadline('lockstep serve cloud', Promise.race([line, failed]), READY_MS)
    const { urls } = JSON.parse(ready) as { urls: { cloud: string; clock: string } }
    const release = await clock.lead(remoteClock(urls.clock, secrets.controlToken))
    return {
      url: urls.cloud,
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
