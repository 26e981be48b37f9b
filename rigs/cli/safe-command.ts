import { resolve } from 'node:path'
import { evidenceFolderFor } from '../bench/cucumber-options.js'
import { openLockBench } from '../bench/lock/lock-bench.js'
import { describeCutOff } from '../bench/lock/lock-readings.js'
import { loadProfile } from '../bench/profile.js'
import type { Profile } from '../bench/profile-schema.js'
import { makeBenchSafe } from '../bench/supervisor/control-client.js'
import type { RunningBench } from '../bench/supervisor/bench-registry.js'
import type { SafeStateProof } from '../bench/supervisor/safe-state.js'
import { EXIT } from './exit-code.js'
import { because } from './failure-exit.js'
import type { LockFlags, LockIo } from './lock-command.js'
import { benchesOf } from './rig-lock.js'

/** What was made safe, and the proof, or why there is none. */
interface MadeSafe {
  readonly board: string
  readonly through: 'the running bench' | 'the port'
  readonly proof: SafeStateProof | null
  readonly problem: string | null
  readonly evidenceFolder: string
  /** It failed, but another way to the same board has succeeded. */
  readonly superseded?: true
}

/**
 * `lockstep safe`: takes the actuator's power away and reads that back; through the supervisor of each bench that holds
 * the rig's lock, and where none does by opening the board's port.
 * @returns 0, or 4 when anything is left that could not be confirmed
 * @throws UnknownProfile, InvalidSettings
 */
export async function makeRigSafe(flags: LockFlags, io: LockIo): Promise<number> {
  const profile = loadProfile(flags.rig)
  const running = await benchesOf(profile)
  const made =
    running.length === 0
      ? [await byThePort(profile)]
      : (await Promise.all(running.map((bench) => throughBench(bench, profile)))).flat()
  if (flags.json) io.out(`${JSON.stringify({ rig: profile.rig, made })}\n`)
  else for (const each of made) io.out(`${describe(each)}\n`)
  return made.every(({ proof, superseded }) => superseded || proof?.confirmed === true)
    ? EXIT.passed
    : EXIT['safe-state']
}

/** A supervisor that gives no answer may be gone, and the port be free: then that is the way. A virtual board has none. */
async function throughBench(bench: RunningBench, profile: Profile): Promise<MadeSafe[]> {
  const { board, evidenceFolder } = bench
  const made = await attempt(board, 'the running bench', evidenceFolder, () => makeBenchSafe(bench))
  if (made.proof || profile.lock.board === 'virtual') return [made]
  const port = await byThePort(profile)
  return [port.proof?.confirmed ? { ...made, superseded: true } : made, port]
}

async function byThePort(profile: Profile): Promise<MadeSafe> {
  const evidenceFolder = resolve(evidenceFolderFor('evidence', `${profile.rig}-safe`, new Date()))
  const board = profile.lock.board === 'virtual' ? 'a virtual board, started for this' : "the board's port"
  return attempt(board, 'the port', evidenceFolder, async () => {
    const bench = await openLockBench(profile, evidenceFolder)
    return bench.close()
  })
}

/** Whatever goes wrong here leaves a bench that must be treated as energised: it is told, and not thrown. */
async function attempt(
  board: string,
  through: MadeSafe['through'],
  evidenceFolder: string,
  make: () => Promise<SafeStateProof>,
): Promise<MadeSafe> {
  try {
    const proof = await make()
    return { board, through, proof, problem: proof.problem, evidenceFolder }
  } catch (error) {
    const problem =
      error instanceof Error
        ? `${error.name}: ${error.message}${because(error.cause, error.message)}`
        : String(error)
    return { board, through, proof: null, problem, evidenceFolder }
  }
}

function describe({ board, through, proof, problem, evidenceFolder, superseded }: MadeSafe): string {
  const cutOff = proof?.readback?.guard?.cutOff
  const latch = cutOff ? `\n  ${describeCutOff(cutOff)}` : ''
  if (superseded) return `no answer of the running bench (${board}): ${problem}`
  if (!proof?.confirmed) {
    return `NOT CONFIRMED (${board}): treat the bench as energised, and pull its supply\n  ${problem ?? 'no proof'}${latch}`
  }
  const amps = proof.readback?.motorCurrentAmps.toFixed(3) ?? '?'
  return `safe (${board}), through ${through}: no supply behind the relay, ${amps} A; proof in ${evidenceFolder}${latch}`
}
