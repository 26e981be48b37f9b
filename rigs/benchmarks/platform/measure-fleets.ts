import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../../../reference/package-root.js'
import type { FleetReport } from '../../fleet/fleet-report.js'
import { kneeOf, type Knee } from './fleet-knee.js'

/** One fleet's run. */
export interface FleetRow {
  readonly locks: number
  readonly pace: number
  readonly journeysPerMinute: number
  /** Of the machine just before: figures beside others' work say little. */
  readonly loadBefore: number
  readonly report: FleetReport
}

export interface FleetRows {
  /** A fleet's rows are at this many times a city's turnover, unless they say otherwise. */
  readonly pace: number
  readonly rows: readonly (
    FleetRow | { readonly locks: number; readonly pace: number; readonly failed: string }
  )[]
  readonly knee: Knee
}

export interface FleetsAsked {
  readonly sizes: readonly number[]
  /** Times a city's turnover: a bay is taken every 90 minutes by that. */
  readonly pace: number
  /** Fleets that are played at a city's own turnover as well. */
  readonly atCityPace: readonly number[]
  readonly seconds: number
  readonly rig: string
}

/** A bay is taken every three minutes: so the knee lies among these sizes on two cores. */
export const FLEETS: FleetsAsked = {
  sizes: [100, 300, 1_000, 3_000, 10_000],
  pace: 30,
  atCityPace: [10_000],
  seconds: 45,
  rig: 'fleet',
}

const LOCKSTEP = join(packageRoot, 'dist', 'rigs', 'cli', 'main.js')
/** The bench's own lock runs what times its opening best. */
const SCENARIO = join(packageRoot, 'features', 'unlocking', 'code.feature:6')
/** Beyond the knee users give up before the next size's turn. */
const PATIENCE_SECONDS = 30

/** Plays fleets of growing size, each with fresh parties in processes of their own, as `lockstep fleet` does. */
export async function measureFleets(
  progress: (what: string) => void,
  { sizes, pace, atCityPace, seconds, rig }: FleetsAsked = FLEETS,
): Promise<FleetRows> {
  const rows: FleetRows['rows'][number][] = []
  const runs = [
    ...sizes.map((locks) => ({ locks, pace })),
    ...atCityPace.map((locks) => ({ locks, pace: 1 })),
  ]
  for (const run of runs) {
    progress(`a fleet of ${run.locks} locks at ${run.pace} times a city's turnover`)
    rows.push(await playOne(run, seconds, rig, progress))
  }
  const points = rows
    .filter((row): row is FleetRow => 'report' in row && row.pace === pace)
    .map(({ locks, report: { figures } }) => ({
      locks,
      ...figures.secondHalf,
      p99Ms: figures.changeToCard.all.p99Ms,
    }))
  return { pace, rows, knee: kneeOf(points) }
}

async function playOne(
  { locks, pace }: { locks: number; pace: number },
  seconds: number,
  rig: string,
  progress: (what: string) => void,
): Promise<FleetRows['rows'][number]> {
  const [loadBefore = 0] = loadavg()
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-fleet-'))
  const flags = {
    rig,
    locks,
    pace,
    seconds,
    patience: PATIENCE_SECONDS,
    openings: 5,
    evidence: join(folder, 'evidence'),
  }
  const given = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)])
  try {
    const child = spawn(process.execPath, [LOCKSTEP, 'fleet', SCENARIO, '--json', ...given], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    let told = ''
    child.stdout.on('data', (data: Buffer) => (said += data.toString()))
    child.stderr.on('data', (data: Buffer) => {
      const lines = data.toString()
      told = (told + lines).slice(-2_000)
      for (const line of lines.trimEnd().split('\n')) progress(`  ${line}`)
    })
    const [code] = (await once(child, 'close')) as [number | null]
    // 1: it was played, and not all went well; that is a measurement too.
    if (code !== 0 && code !== 1) {
      return { locks, pace, failed: `exit ${String(code)}: ${told.trimEnd().split('\n').at(-1) ?? ''}` }
    }
    const report = JSON.parse(said) as FleetReport
    return { locks, pace, journeysPerMinute: report.played.journeysPerMinute, loadBefore, report }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
