import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import type { SqlStore } from '../../reference/ports/sql-store.js'
import { crashJourneys } from '../conformance/cluster/crash-journeys.js'
import { LINKS, type LinkName } from '../conformance/links/faulty-world.js'
import { shakenJourney } from '../conformance/links/shaken-journey.js'
import { raceForTheLastSpace } from '../conformance/platform/last-space.js'
import { happening, liveThrough } from '../conformance/platform/platform-against-model.js'
import { startPostgresServer } from '../debian-services/postgres-server.js'
import { openLibsqlStore } from '../drivers/libsql/libsql-store.js'
import { openPostgresStore } from '../drivers/postgres/postgres-store.js'
import { everySoOften, type Settings, type Soak } from './soak-progress.js'

const RACE_ROUNDS = 1_000
const RACING_USERS = 200
const POSTGRES_INSTANCES = 3

type Race = (
  stores: readonly SqlStore[],
  settings: Settings,
  progress: (what: string) => void,
) => Promise<unknown>

const lastSpace: Race = (stores, { seed }, progress) => {
  const soOften = everySoOften(progress)
  return raceForTheLastSpace(stores, { rounds: RACE_ROUNDS, users: RACING_USERS, seed }, (round) =>
    soOften(() => `${round} of ${RACE_ROUNDS} rounds`),
  )
}

const onLibsql =
  (race: Race): Soak =>
  async (settings, progress) => {
    const folder = mkdtempSync(join(tmpdir(), 'lockstep-soak-'))
    const store = await openLibsqlStore(`libsql:${join(folder, 'platform.db')}`)
    try {
      return await race([store], settings, progress)
    } finally {
      await store.close()
      rmSync(folder, { recursive: true })
    }
  }

/** Needs Debian's package postgresql. */
const onPostgres =
  (race: Race): Soak =>
  async (settings, progress) => {
    const server = await startPostgresServer()
    const url = server.url('soak')
    const stores = await Promise.all(Array.from({ length: POSTGRES_INSTANCES }, () => openPostgresStore(url)))
    try {
      return await race(stores, settings, progress)
    } finally {
      for (const store of stores) await store.close()
      await server.close()
    }
  }

const MODEL_RUNS = 5_000

const platformModel: Soak = async ({ seed }, progress) => {
  const soOften = everySoOften(progress)
  let happened = 0
  let runs = 0
  const lives = fc.asyncProperty(
    fc.array(happening, { minLength: 20, maxLength: 100 }),
    async (happenings) => {
      const store = await openLibsqlStore('libsql::memory:')
      try {
        await liveThrough(store, happenings)
      } finally {
        await store.close()
      }
      happened += happenings.length
      soOften(() => `${++runs} of ${MODEL_RUNS} lives`)
    },
  )
  await fc.assert(lives, { seed, numRuns: MODEL_RUNS })
  return { lives: MODEL_RUNS, happenings: happened }
}

const CRASH_JOURNEYS = 200

/** Needs Debian's packages postgresql and mosquitto. */
const crashes: Soak = ({ seed }, progress) => {
  const soOften = everySoOften(progress)
  return crashJourneys({ journeys: CRASH_JOURNEYS, seed }, (done) =>
    soOften(() => `${done} of ${CRASH_JOURNEYS} journeys`),
  )
}

const SHAKEN_JOURNEYS = 40

const linkFaults: Soak = async ({ seed }, progress) => {
  const soOften = everySoOften(progress)
  const ends: Record<string, Record<string, number>> = {}
  const faults: Record<string, number> = {}
  for (const link of Object.keys(LINKS) as LinkName[]) {
    const ended: Record<string, number> = (ends[link] = {})
    for (let n = 0; n < SHAKEN_JOURNEYS; n++) {
      const { end, faults: had } = await shakenJourney(link, seed + n)
      ended[end] = (ended[end] ?? 0) + 1
      for (const [kind, count] of Object.entries(had)) faults[kind] = (faults[kind] ?? 0) + count
      soOften(() => `${n + 1} of ${SHAKEN_JOURNEYS} journeys over ${link}`)
    }
  }
  return { journeys: SHAKEN_JOURNEYS * Object.keys(LINKS).length, ends, faults }
}

export const PLATFORM_SOAKS: Readonly<Record<string, Soak>> = {
  'last-space': onLibsql(lastSpace),
  'last-space-postgres': onPostgres(lastSpace),
  'platform-model': platformModel,
  'crash-journeys': crashes,
  'link-faults': linkFaults,
}
