import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgresServer } from '../../debian-services/postgres-server.js'
import { openLibsqlStore } from '../../drivers/libsql/libsql-store.js'
import { openPostgresStore } from '../../drivers/postgres/postgres-store.js'
import { FLEETS, measureFleets, type FleetRows, type FleetsAsked } from './measure-fleets.js'
import { measurePlans, type PlanRow } from './measure-plans.js'
import { measureReservations, type ReservationRows } from './measure-reservations.js'

export interface PlatformBenchmark {
  readonly machine: { readonly processor: string; readonly cores: number; readonly node: string }
  readonly seed: number
  readonly reservations: readonly (
    ReservationRows | { readonly store: string; readonly unavailable: string }
  )[]
  readonly plans: readonly PlanRow[]
  readonly fleets: FleetRows
}

const CITIES = [3_000, 100_000]
const PLANS = 1_000

async function onLibsql(progress: (what: string) => void): Promise<ReservationRows> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-bench-'))
  const store = await openLibsqlStore(`libsql:${join(folder, 'platform.db')}`)
  try {
    return await measureReservations('libsql', store, progress)
  } finally {
    await store.close()
    rmSync(folder, { recursive: true })
  }
}

/** On Debian's server, where it is here. */
async function onPostgres(
  progress: (what: string) => void,
): Promise<PlatformBenchmark['reservations'][number]> {
  let server: Awaited<ReturnType<typeof startPostgresServer>>
  try {
    server = await startPostgresServer()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { store: 'postgres', unavailable: `apt-get install postgresql (${reason})` }
  }
  try {
    const store = await openPostgresStore(server.url('bench'))
    try {
      return await measureReservations('postgres', store, progress)
    } finally {
      await store.close()
    }
  } finally {
    await server.close()
  }
}

/**
 * Measures reservations and plans, each beside what the store does at most, and fleets of growing size; takes about two
 * minutes, and the fleets some fifteen.
 */
export async function benchmarkPlatform(
  progress: (what: string) => void,
  { seed = 1, fleets = FLEETS }: { readonly seed?: number; readonly fleets?: FleetsAsked } = {},
): Promise<PlatformBenchmark> {
  const reservations = [await onLibsql(progress), await onPostgres(progress)]
  const plans: PlanRow[] = []
  for (const spaces of CITIES) {
    progress(`plans among ${spaces} spaces`)
    plans.push(await measurePlans(spaces, PLANS, seed))
  }
  return {
    machine: { processor: cpus()[0]?.model ?? 'unknown', cores: cpus().length, node: process.version },
    seed,
    reservations,
    plans,
    fleets: await measureFleets(progress, fleets),
  }
}
