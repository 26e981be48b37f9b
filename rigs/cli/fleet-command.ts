import { existsSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { packageRoot } from '../../reference/package-root.js'
import type { InventoryItem } from '../../reference/contracts/platform-api.js'
import {
  readInventoryFile,
  type InventoryFile,
} from '../../reference/platform/inventory-file/read-inventory-file.js'
import { evidenceFolderFor } from '../bench/cucumber-options.js'
import { readFleetConfig } from '../fleet/fleet-config.js'
import { latencyPicture } from '../fleet/latency-picture.js'
import type { FleetReport } from '../fleet/fleet-report.js'
import type { FleetRequest } from '../fleet/fleet-size.js'
import { fleetTables } from '../fleet/fleet-tables.js'
import { SYNTHETIC_PLACE, syntheticCity } from '../fleet/synthetic-city.js'
import { EXIT } from './exit-code.js'
import { UsageError } from './failure-exit.js'
import { inventoryFileOf, type InventoryFileFlags } from './inventory-command.js'

export interface FleetFlags extends Partial<InventoryFileFlags> {
  readonly rig: string
  readonly config?: string
  readonly locks?: string
  readonly vehicles?: string
  readonly users?: string
  readonly seed: string
  readonly seconds: string
  readonly pace: string
  readonly journeysPerMinute?: string
  readonly drive: string
  readonly stay: string
  readonly patience: string
  readonly fix: string
  readonly place: readonly string[]
  readonly inventory?: string
  readonly column: readonly string[]
  readonly openings: string
  readonly tags?: string
  readonly evidence?: string
  readonly picture?: string
  readonly json?: true
}

const DEFAULT_LOCKS = 100
const DEFAULT_SCENARIOS = [
  join('features', 'unlocking', 'code.feature'),
  join('features', 'unlocking', 'stay.feature'),
]
/** Bad rows of an inventory that are told one by one; `lockstep inventory` tells all. */
const MOST_TOLD = 20

/**
 * Plays a city's locks, cars and phones against a rig's parties, or against some that are there already.
 * @returns `product` when a journey neither completed nor was refused by name, or something was that must never be
 * @throws UsageError, and what the rig, the parties and the fleet throw
 */
export async function fleet(paths: readonly string[], flags: FleetFlags): Promise<number> {
  if (flags.config !== undefined && (paths.length > 0 || flags.tags !== undefined)) {
    throw new UsageError('scenarios run on a bench: name them with --rig, not with --config')
  }
  if (flags.config !== undefined && !statSync(flags.config, { throwIfNoEntry: false })?.isFile()) {
    throw new UsageError(`there is no file ${flags.config}`)
  }
  const config = flags.config === undefined ? undefined : readFleetConfig(flags.config)
  const { bays, source, isOwn } = await baysFor(flags, config?.inventory)
  const request = requestOf(flags, bays.length, isOwn)
  const started = performance.now()
  const progress = (what: string) =>
    process.stderr.write(`fleet ${((performance.now() - started) / 1_000).toFixed(0)} s: ${what}\n`)
  let report: FleetReport
  if (config) {
    const { playFleetOnParties } = await import('./fleet-on-parties.js')
    report = await playFleetOnParties({ config, request, bays, source, progress })
  } else {
    const { playFleetOnRig } = await import('./fleet-on-rig.js')
    const scenarios = paths.length > 0 ? paths : DEFAULT_SCENARIOS.map((path) => join(packageRoot, path))
    report = await playFleetOnRig({
      rig: flags.rig,
      request,
      bays,
      source,
      progress,
      evidenceFolder: resolve(
        flags.evidence ?? evidenceFolderFor('evidence', `${flags.rig}-fleet`, new Date()),
      ),
      paths: scenarios.map(existingPath),
      tags: flags.tags,
      unloadedOpenings: wholeNumber('--openings', flags.openings, 0, 1_000) ?? 0,
    })
  }
  if (flags.picture !== undefined) writeFileSync(flags.picture, latencyPicture(report))
  console.log(flags.json ? JSON.stringify(report) : fleetTables(report))
  if (report.failures.length > 0) return EXIT.product
  // A fleet in which nobody got anywhere has shown nothing.
  return report.figures.journeys.completed === 0 ? EXIT.rig : EXIT.passed
}

interface Bays {
  readonly bays: readonly InventoryItem[]
  readonly source: string
  /** The synthetic city's, around a place that the gazetteer knows. */
  readonly isOwn: boolean
}

/** @throws UsageError, InventoryFileUnreadable */
async function baysFor(flags: FleetFlags, configured: InventoryFile | undefined): Promise<Bays> {
  const file = flags.inventory === undefined ? configured : givenInventory(flags.inventory, flags)
  const wanted = wholeNumber('--locks', flags.locks, 1, 100_000)
  if (!file) {
    const bays = syntheticCity(wanted ?? DEFAULT_LOCKS)
    return { bays, source: `a synthetic city around ${SYNTHETIC_PLACE.name}`, isOwn: true }
  }
  const { items, bad, badRows } = await readInventoryFile(file)
  for (const { line, field, reason } of bad.slice(0, MOST_TOLD)) {
    process.stderr.write(`${file.file}:${line}: ${field}: ${reason}\n`)
  }
  if (items.length === 0) throw new UsageError(`${file.file} has no row that is a bay`)
  if (wanted !== undefined && wanted > items.length) {
    throw new UsageError(`--locks ${wanted}: ${file.file} has ${items.length} bays`)
  }
  const bays = items.slice(0, wanted ?? items.length)
  const source = `${bays.length} of ${items.length} bays of ${file.file}, ${badRows} bad rows`
  return { bays, source, isOwn: false }
}

/** @throws UsageError */
function givenInventory(file: string, flags: FleetFlags): InventoryFile {
  const { datum } = flags
  if (datum === undefined) {
    throw new UsageError('--inventory needs --datum WGS-84 or GCJ-02: no file says it itself')
  }
  return inventoryFileOf(file, { ...flags, datum })
}

/** @throws UsageError */
function requestOf(flags: FleetFlags, locks: number, isOwnCity: boolean): FleetRequest {
  const vehicles = wholeNumber('--vehicles', flags.vehicles, 0, 100_000)
  const users = wholeNumber('--users', flags.users, 1, 100_000)
  if (vehicles !== undefined && users !== undefined && vehicles > users) {
    throw new UsageError(`--vehicles ${vehicles}: a car belongs to a user, and there are ${users} users`)
  }
  return {
    locks,
    vehicles,
    users: users ?? vehicles,
    seed: wholeNumber('--seed', flags.seed, 0, 2 ** 31) ?? 0,
    seconds: number('--seconds', flags.seconds, 1, 86_400),
    pace: number('--pace', flags.pace, 0.001, 100_000),
    journeysPerMinute:
      flags.journeysPerMinute === undefined
        ? undefined
        : number('--journeys-per-minute', flags.journeysPerMinute, 0.01, 1e6),
    driveSeconds: number('--drive', flags.drive, 0, 3_600),
    staySeconds: number('--stay', flags.stay, 0, 36_000),
    patienceSeconds: number('--patience', flags.patience, 1, 3_600),
    fixSeconds: number('--fix', flags.fix, 0, 86_400),
    places: flags.place.length === 0 && isOwnCity ? [SYNTHETIC_PLACE.name] : flags.place,
  }
}

/** @throws UsageError */
function number(flag: string, text: string, least: number, most: number): number {
  const value = text.trim() === '' ? NaN : Number(text)
  if (!(value >= least && value <= most)) {
    throw new UsageError(`${flag} ${text}: write a number from ${least} to ${most}`)
  }
  return value
}

/** @throws UsageError */
function wholeNumber(
  flag: string,
  text: string | undefined,
  least: number,
  most: number,
): number | undefined {
  if (text === undefined) return undefined
  const value = number(flag, text, least, most)
  if (!Number.isInteger(value)) throw new UsageError(`${flag} ${text}: write a whole number`)
  return value
}

/** @throws UsageError; a line number may follow the path */
function existingPath(path: string): string {
  const file = resolve(path)
  if (!existsSync(file.replace(/(:\d+)+$/, ''))) throw new UsageError(`there is no ${path}`)
  return file
}
