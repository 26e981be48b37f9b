import type { BoltThresholds } from './lock-thresholds.js'

/** What the machine needs of a hardware sample. */
export interface BoltSample {
  /** Milliseconds on the hardware's clock. */
  readonly hardwareMs: number
  readonly limitUp: boolean
  readonly limitDown: boolean
  readonly vehiclePresent: boolean
  readonly tampered: boolean
  readonly actuatorSupplied: boolean
  readonly motorCurrentAmps: number
  /** A cut-off that the firmware made by itself, latched there until it is re-armed. */
  readonly cutOff?: 'heartbeat-lost' | 'over-current' | 'both-limits' | undefined
}

/** A contact behind its debouncing: `closed` is undefined until enough equal readings have been seen. */
export interface Debounced {
  readonly last: boolean | undefined
  readonly count: number
  readonly closed: boolean | undefined
}

export interface Drive {
  readonly towards: 'up' | 'down'
  /** When it was commanded, hardware ms. */
  readonly sinceMs: number
  /** When the supply was first seen; undefined until then. */
  readonly suppliedSinceMs: number | undefined
}

/** What counts only once it has lasted. */
export type Symptom =
  | 'stall'
  | 'idle'
  | 'limits-open'
  | 'limit-held'
  | 'supply-lost'
  | 'supply-stuck'
  | 'current-implausible'
  | 'contacts-plausible'

/** What the sensors have said so far. */
export interface Observation {
  readonly up: Debounced
  readonly down: Debounced
  readonly tamper: Debounced
  /** Since when each symptom is there, hardware ms. */
  readonly since: Readonly<Partial<Record<Symptom, number>>>
  readonly sample: BoltSample | undefined
}

const UNREAD: Debounced = { last: undefined, count: 0, closed: undefined }

export const NOTHING_SEEN: Observation = {
  up: UNREAD,
  down: UNREAD,
  tamper: UNREAD,
  since: {},
  sample: undefined,
}

function debounce(before: Debounced, reading: boolean, stableSamples: number): Debounced {
  const count = before.last === reading ? before.count + 1 : 1
  return { last: reading, count, closed: count >= stableSamples ? reading : before.closed }
}

/** What is to be seen in this sample of each symptom. */
function symptoms(
  sample: BoltSample,
  contacts: Pick<Observation, 'up' | 'down'>,
  drive: Drive | undefined,
  thresholds: BoltThresholds,
): Record<Symptom, boolean> {
  const { motorCurrentAmps: amps, actuatorSupplied, hardwareMs } = sample
  const { up, down } = contacts
  const supplied = drive?.suppliedSinceMs
  const judged = supplied !== undefined && hardwareMs - supplied >= thresholds.inrushHardwareMs
  const isResting = !drive && !actuatorSupplied
  return {
    stall: judged && amps > thresholds.stallAmps,
    idle: judged && actuatorSupplied && amps < thresholds.runningAmps,
    'limits-open': !drive && up.closed === false && down.closed === false,
    'limit-held': supplied !== undefined && (drive?.towards === 'up' ? down : up).closed === true,
    'supply-lost': supplied !== undefined && !actuatorSupplied,
    'supply-stuck': !drive && actuatorSupplied,
    'current-implausible': amps > thresholds.highestAmps || (isResting && amps > thresholds.restAmps),
    'contacts-plausible': up.closed !== down.closed,
  }
}

/** The drive, once its supply has been seen. */
export function seeSupply(drive: Drive | undefined, sample: BoltSample): Drive | undefined {
  if (!drive || drive.suppliedSinceMs !== undefined || !sample.actuatorSupplied) return drive
  return { ...drive, suppliedSinceMs: sample.hardwareMs }
}

/** Takes a sample in. */
export function observe(
  before: Observation,
  sample: BoltSample,
  drive: Drive | undefined,
  thresholds: BoltThresholds,
): Observation {
  const { stableSamples } = thresholds
  const contacts = {
    up: debounce(before.up, sample.limitUp, stableSamples),
    down: debounce(before.down, sample.limitDown, stableSamples),
    tamper: debounce(before.tamper, sample.tampered, stableSamples),
  }
  const there = symptoms(sample, contacts, drive, thresholds)
  const since: Partial<Record<Symptom, number>> = {}
  for (const symptom of Object.keys(there) as Symptom[]) {
    if (there[symptom]) since[symptom] = before.since[symptom] ?? sample.hardwareMs
  }
  return { ...contacts, since, sample }
}

/** True when a symptom has been there for so long, hardware ms. */
export function hasLasted({ since, sample }: Observation, symptom: Symptom, hardwareMs: number): boolean {
  const from = since[symptom]
  return from !== undefined && sample !== undefined && sample.hardwareMs - from >= hardwareMs
}
