import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as at } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { runningBenches } from '../../bench/supervisor/bench-registry.js'
import { seededRandom } from '../../simulated/seeded-random.js'
import type { ChaosReport, ChaosSettings } from './chaos-runner.js'
import { lookOn, ONLOOKERS, type Onlooker } from './onlookers.js'

/** Nothing of a bench may be left so long after its run was ended, wall milliseconds. */
const GONE_MS = 10_000
const MOST_EVENTS = 3
const WITHIN_MS = 800
const LONGEST_STOP_MS = 1_500

type Party = 'runner' | 'controller' | 'supervisor' | 'board'

type Event =
  | { readonly atMs: number; readonly onlooker: Onlooker; readonly socket: 'control' | number }
  | { readonly atMs: number; readonly signal: 'SIGKILL'; readonly to: Party }
  /** `forMs` undefined: it is never continued. */
  | { readonly atMs: number; readonly signal: 'SIGSTOP'; readonly to: Party; readonly forMs?: number }

export interface ChaosFigures {
  readonly rounds: number
  readonly proven: number
  readonly unproven: number
  readonly slowestEndMs: number
}

/** Thrown for a round that broke the guardian's promise. */
export class GuardianFelled extends Error {
  override readonly name = 'GuardianFelled'
}

/**
 * Rounds of onlookers, stops and kills at random moments of a travel, seeded, on both firmwares in turn. After each the
 * power is proven off, or, where the supervisor or the board itself was hit, nothing claims that it is; and every process
 * is gone within 10 s.
 * @throws GuardianFelled
 */
export async function guardianChaos(
  { rounds, seed }: { readonly rounds: number; readonly seed: number },
  progress: (round: number) => void = () => undefined,
): Promise<ChaosFigures> {
  let [proven, slowestEndMs] = [0, 0]
  for (let round = 0; round < rounds; round++) {
    const outcome = await playRound(seed * 10_000 + round, round)
    if (outcome.proven) proven++
    slowestEndMs = Math.max(slowestEndMs, outcome.endMs)
    progress(round + 1)
  }
  return { rounds, proven, unproven: rounds - proven, slowestEndMs }
}

function drawEvents(random: () => number): Event[] {
  const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T
  const count = 1 + Math.floor(random() * MOST_EVENTS)
  return Array.from({ length: count }, (): Event => {
    const atMs = Math.floor(random() * WITHIN_MS)
    if (random() < 0.5) {
      const onlooker = pick(Object.keys(ONLOOKERS) as Onlooker[])
      return { atMs, onlooker, socket: pick(['control', 'control', 0, 1, 2]) }
    }
    const to = pick<Party>(['runner', 'controller', 'supervisor', 'board'])
    if (random() < 0.5) return { atMs, signal: 'SIGKILL', to }
    // Two parties that stand still for ever have nobody left to end them: only a single event may last.
    const forMs = count === 1 && random() < 0.5 ? undefined : Math.floor(random() * LONGEST_STOP_MS)
    return { atMs, signal: 'SIGSTOP', to, ...(forMs !== undefined && { forMs }) }
  })
}

async function playRound(seed: number, round: number): Promise<{ proven: boolean; endMs: number }> {
  const random = seededRandom(seed)
  const events = drawEvents(random)
  const firmware = round % 2 === 0 ? 'standard-firmata' : 'lockstep'
  const folder = mkdtempSync(join(tmpdir(), 'chaos-'))
  const settings: ChaosSettings = { rig: `chaos-${folder.slice(-6)}`, firmware, folder }
  const module = fileURLToPath(new URL('./chaos-runner.js', import.meta.url))
  const runner = fork(module, [JSON.stringify(settings)], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
  const ended = once(runner, 'exit') as Promise<[number | null, string | null]>
  const fell = (what: string) =>
    new GuardianFelled(`round ${round} (seed ${seed}, ${firmware}): ${what}; ${JSON.stringify(events)}`)
  const ends: (() => void)[] = []
  let pids: Readonly<Record<Party, number>> | undefined
  try {
    const [report] = (await Promise.race([
      once(runner, 'message'),
      ended.then(([code]) => Promise.reject(fell(`the bench did not open (${code})`))),
    ])) as [ChaosReport]
    pids = { ...report.pids, runner: runner.pid ?? 0 }
    const control = runningBenches().find(({ rig }) => rig === settings.rig)?.control
    if (!control) throw fell('the bench is not known')
    const known = pids
    await Promise.all(events.map((event) => play(event, known, { control, ports: report.ports }, ends)))
    if (runner.connected) runner.send('stop', () => undefined)
    const endsAt = performance.now()
    while (Object.values(pids).some(lives)) {
      if (performance.now() - endsAt > GONE_MS) {
        const left = Object.entries(pids).filter(([, pid]) => lives(pid))
        throw fell(`left after 10 s: ${left.map(([name]) => name).join(', ')}`)
      }
      await at(20)
    }
    const endMs = Math.round(performance.now() - endsAt)
    const [code] = await ended
    const claim = readJson(join(folder, 'safe-state.json')) as { confirmed?: boolean } | undefined
    const proven = claim?.confirmed === true
    const isHit = (...parties: readonly Party[]) =>
      events.some((event) => 'to' in event && parties.includes(event.to))
    if (!proven && !isHit('supervisor', 'board')) throw fell('the power is not proven off')
    if (code === 0 && !proven) throw fell('exit code 0 without a proof')
    if (code === 4 && proven) throw fell('exit code 4 beside a proof')
    if (proven && suppliedAtTheEnd(folder) && !isHit('board')) throw fell('the proof is false')
    return { proven, endMs }
  } finally {
    for (const end of ends) end()
    for (const pid of Object.values(pids ?? { runner: runner.pid ?? 0 })) kill(pid, 'SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
}

async function play(
  event: Event,
  pids: Readonly<Record<Party, number>>,
  { control, ports }: { readonly control: string; readonly ports: readonly number[] },
  ends: (() => void)[],
): Promise<void> {
  await at(event.atMs) // the fault's own moment
  if ('onlooker' in event) {
    const { onlooker, socket } = event
    ends.push(
      lookOn(
        onlooker,
        socket === 'control' ? { path: control } : { port: ports[socket] ?? 0, host: '127.0.0.1' },
      ),
    )
    await at(100) // so that it has begun before the round ends
    return
  }
  kill(pids[event.to], event.signal)
  if (event.signal === 'SIGKILL' || event.forMs === undefined) return
  await at(event.forMs)
  kill(pids[event.to], 'SIGCONT')
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    if (pid > 0) process.kill(pid, signal)
  } catch {
    // It has ended.
  }
}

/** Of a zombie nothing is left but its number: its parent was killed, or is busy. */
function lives(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return !/^ [ZX]/.test(stat.slice(stat.lastIndexOf(')') + 1))
  } catch {
    return false
  }
}

/** By the plant's own trace, which no claim of the supervisor has a part in. */
function suppliedAtTheEnd(folder: string): boolean {
  const lines = readFileSync(join(folder, 'board', 'plant.ndjson'), 'utf8')
    .trimEnd()
    .split('\n')
  const last = lines.findLast((line) => line.endsWith('}'))
  return (JSON.parse(last ?? '{}') as { supplied?: boolean }).supplied === true
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}
