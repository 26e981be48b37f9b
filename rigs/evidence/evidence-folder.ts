import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FaultRecord } from '../../reference/ports/fault-record.js'
import { asFaultRecord, RUN_FAULTS_FILE } from './fault-message.js'
import { isFidelity } from './fidelity.js'
import { mergeTimelines, sliceTimeline, type MergedTimeline } from './merge-timeline.js'
import type {
  ArtefactEntry,
  ContractVerdict,
  PartyRecord,
  RunRecord,
  SafeStateProof,
  TimelineWindow,
  WireRecord,
} from './run-record.js'
import { TestRunCollector, type TestRun } from './test-run.js'
import type { TimelineEntry } from './timeline.js'
import { isRecord, parseLines, readJson, type JsonRecord } from './tolerant-json.js'

/** What the bench left for one scenario. */
export interface ScenarioEvidence {
  /** Folder below the evidence folder. */
  readonly folder: string
  readonly artefacts: readonly ArtefactEntry[]
  readonly contracts: readonly ContractVerdict[]
  readonly window: TimelineWindow | undefined
  /** The part of the timeline that belongs to the scenario, in causal order. */
  readonly timeline: readonly TimelineEntry[]
  /** Files that should be there and are not, or are damaged: `code.png was not written`. */
  readonly missing: readonly string[]
}

/** An evidence folder as read; nothing in it is trusted to be whole. */
export interface Evidence {
  readonly folder: string
  readonly run: RunRecord | undefined
  readonly testRun: TestRun
  readonly safeState: SafeStateProof | undefined
  readonly timeline: MergedTimeline
  /** By `startedId`. */
  readonly scenarios: ReadonlyMap<string, ScenarioEvidence>
  readonly missing: readonly string[]
}

export function readEvidence(folder: string): Evidence {
  const missing: string[] = []
  const timeline = mergeTimelines(folder)
  const run = readRecord(folder, 'run.json', missing, asRun)
  const safeState = readRecord(folder, 'safe-state.json', missing, asSafeState)
  const testRun = readMessages(folder, missing)
  for (const [file, lines] of timeline.unreadable)
    missing.push(`timeline/${file}: ${lines} unreadable line(s)`)
  if (timeline.entries.length === 0) missing.push('timeline/ holds no entry')
  const scenarios = new Map<string, ScenarioEvidence>()
  for (const { startedId } of testRun.scenarios) {
    if (startedId !== undefined && /^[\w-]+$/.test(startedId)) {
      scenarios.set(startedId, readScenario(folder, startedId, timeline))
    }
  }
  return { folder, run, testRun, safeState, timeline, scenarios, missing }
}

function readMessages(folder: string, missing: string[]): TestRun {
  const collector = new TestRunCollector()
  try {
    const { values, broken } = parseLines(readFileSync(join(folder, 'messages.ndjson'), 'utf8'))
    for (const envelope of values) collector.add(envelope)
    if (broken > 0) missing.push(`messages.ndjson: ${broken} unreadable line(s)`)
  } catch {
    missing.push('messages.ndjson was not written')
  }
  for (const fault of readRunFaults(folder, missing)) collector.addRunFault(fault)
  return collector
}

/** A file that is there only if a hook of the whole run failed. */
function readRunFaults(folder: string, missing: string[]): FaultRecord[] {
  const file = join(folder, RUN_FAULTS_FILE)
  if (!existsSync(file)) return []
  const { values, broken } = parseLines(readFileSync(file, 'utf8'))
  if (broken > 0) missing.push(`${RUN_FAULTS_FILE}: ${broken} unreadable line(s)`)
  return values.flatMap((value) => asFaultRecord(value) ?? [])
}

function readScenario(folder: string, startedId: string, timeline: MergedTimeline): ScenarioEvidence {
  const below = `scenarios/${startedId}`
  const missing: string[] = []
  const read = <T>(file: string, as: (value: unknown) => T | undefined) =>
    readRecord(join(folder, below), file, missing, as)
  const artefacts = read('artefacts.json', (value) =>
    Array.isArray(value) ? value.filter(isArtefact) : undefined,
  )
  const contracts = read('contracts.json', (value) =>
    Array.isArray(value) ? value.flatMap(asContract) : undefined,
  )
  const window = read('window.json', asWindow)
  return {
    folder: below,
    artefacts: artefacts ?? [],
    contracts: contracts ?? [],
    window,
    timeline: window ? sliceTimeline(timeline.entries, window) : [],
    missing,
  }
}

function readRecord<T>(
  folder: string,
  file: string,
  missing: string[],
  as: (value: unknown) => T | undefined,
): T | undefined {
  const read = readJson(join(folder, file))
  const value = 'value' in read ? as(read.value) : undefined
  if (value === undefined)
    missing.push(`${file} ${'missing' in read ? read.missing : 'is not what it should be'}`)
  return value
}

function asRun(value: unknown): RunRecord | undefined {
  if (!isRecord(value) || typeof value['rig'] !== 'string' || !isFidelity(value['fidelity'])) return undefined
  return {
    ...(value as unknown as RunRecord),
    runId: string(value, 'runId'),
    startedAt: string(value, 'startedAt'),
    wires: Array.isArray(value['wires']) ? value['wires'].filter(isWire) : [],
    parties: Array.isArray(value['parties']) ? value['parties'].filter(isParty) : [],
    attestation: isRecord(value['attestation']) ? value['attestation'] : {},
  }
}

function isParty(value: unknown): value is PartyRecord {
  return isRecord(value) && (value['party'] === 'cloud' || value['party'] === 'platform')
}

function asSafeState(value: unknown): SafeStateProof | undefined {
  if (!isRecord(value) || typeof value['confirmed'] !== 'boolean') return undefined
  return {
    confirmed: value['confirmed'],
    reason: string(value, 'reason'),
    problem: typeof value['problem'] === 'string' ? value['problem'] : null,
    readback: isRecord(value['readback']) ? value['readback'] : null,
    startedAt: string(value, 'startedAt'),
    finishedAt: string(value, 'finishedAt'),
  }
}

function asWindow(value: unknown): TimelineWindow | undefined {
  if (!isRecord(value)) return undefined
  const { fromMonotonic, toMonotonic } = value
  const isTime = (time: unknown): time is string | number => /^\d{1,20}$/.test(String(time))
  if (!isTime(fromMonotonic) || !isTime(toMonotonic)) return undefined
  return { fromMonotonic: String(fromMonotonic), toMonotonic: String(toMonotonic) }
}

function asContract(value: unknown): ContractVerdict[] {
  if (!isRecord(value) || typeof value['wire'] !== 'string') return []
  const violations = Array.isArray(value['violations']) ? value['violations'].filter(isRecord) : []
  return [
    {
      wire: value['wire'],
      checked: Number(value['checked'] ?? 0),
      violations: violations.map((violation) => ({
        ...violation,
        party: string(violation, 'party') || 'an unnamed party',
        what: string(violation, 'what'),
      })),
    },
  ]
}

const string = (from: JsonRecord, name: string): string => (typeof from[name] === 'string' ? from[name] : '')

const isWire = (value: unknown): value is WireRecord =>
  isRecord(value) && typeof value['wire'] === 'string' && isFidelity(value['fidelity'])

/** A file beside `artefacts.json`, and only there: the report shows nothing from outside the evidence. */
const isArtefact = (value: unknown): value is ArtefactEntry =>
  isRecord(value) &&
  typeof value['kind'] === 'string' &&
  typeof value['title'] === 'string' &&
  typeof value['file'] === 'string' &&
  isPlainFileName(value['file'])

export function isPlainFileName(name: string): boolean {
  return /^\w[\w.-]*$/.test(name)
}
