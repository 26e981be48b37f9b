import { hasLasted, type BoltSample, type Drive, type Observation } from './bolt-observation.js'
import type { BoltSignal, BoltState, SensorFault } from './bolt-table.js'
import type { BoltThresholds } from './lock-thresholds.js'

/** What a signal is made of. */
export interface Situation {
  readonly state: BoltState
  readonly drive: Drive | undefined
  /** When the last drive ended, or the machine began, hardware ms. */
  readonly restSinceMs: number
  /** Where the bolt belongs: the end that it last stood at. */
  readonly place: 'up' | 'down' | undefined
  readonly sensorFault: SensorFault | undefined
  readonly seen: Observation
}

/** A cut-off is news in the sample that first shows it. */
function newCutOff(before: BoltSample | undefined, now: BoltSample): BoltSample['cutOff'] {
  return now.cutOff === before?.cutOff ? undefined : now.cutOff
}

/** What must stop the lock, whatever it is doing. */
function stopSignal(
  { seen, drive }: Situation,
  before: BoltSample | undefined,
  sample: BoltSample,
  t: BoltThresholds,
): BoltSignal | undefined {
  const cutOff = newCutOff(before, sample)
  if (seen.tamper.closed) return 'tampered'
  if (hasLasted(seen, 'supply-stuck', t.supplyHardwareMs)) return 'power-stuck'
  if (cutOff === 'heartbeat-lost') return 'heartbeat-lost'
  if ((seen.up.closed && seen.down.closed) || cutOff === 'both-limits') return 'both-limits'
  if (hasLasted(seen, 'current-implausible', t.implausibleHardwareMs)) return 'current-sensor'
  if (cutOff === 'over-current' && drive) return blocked(drive)
  return undefined
}

function blocked({ towards }: Drive): BoltSignal {
  return towards === 'up' ? 'rise-blocked' : 'fall-blocked'
}

/** What a bolt says that is on its way. */
function drivenSignal(
  { seen }: Situation,
  drive: Drive,
  sample: BoltSample,
  t: BoltThresholds,
): BoltSignal | undefined {
  const { towards, sinceMs, suppliedSinceMs } = drive
  if (towards === 'up' && sample.vehiclePresent) return 'vehicle-under-rise'
  if (towards === 'up' && seen.up.closed) return 'at-up'
  if (towards === 'down' && seen.down.closed) return 'at-down'
  if (hasLasted(seen, 'supply-lost', t.supplyLostHardwareMs)) return 'power-missing'
  if (suppliedSinceMs === undefined) {
    return sample.hardwareMs - sinceMs > t.supplyHardwareMs ? 'power-missing' : undefined
  }
  if (hasLasted(seen, 'stall', t.stallHardwareMs)) return blocked(drive)
  if (hasLasted(seen, 'idle', t.idleHardwareMs)) return 'no-current'
  if (hasLasted(seen, 'limit-held', t.leaveLimitHardwareMs)) return 'limit-closed'
  return sample.hardwareMs - suppliedSinceMs > t.travelHardwareMs ? blocked(drive) : undefined
}

/** What a bolt says that rests. */
function restingSignal(
  { state, seen, restSinceMs, place, sensorFault }: Situation,
  sample: BoltSample,
  t: BoltThresholds,
): BoltSignal | undefined {
  const { up, down } = seen
  const restedMs = sample.hardwareMs - restSinceMs
  const atLimit = up.closed ? 'at-up' : down.closed ? 'at-down' : undefined
  switch (state) {
    case 'boot': {
      const isRead = [up, down, seen.tamper].every(({ closed }) => closed !== undefined)
      return isRead ? 'contacts-read' : undefined
    }
    case 'obstructed':
      return restedMs >= t.retreatHardwareMs && !sample.actuatorSupplied ? 'retreat-due' : undefined
    case 'forced':
      if (restedMs < t.forcedHardwareMs) return undefined
      if (atLimit === (place === 'up' ? 'at-up' : 'at-down')) return atLimit
      return place === 'up' && !sample.vehiclePresent ? 'restore-up' : 'restore-down'
    case 'sensor-fault': {
      // These two heal by themselves; of the others only somebody who has looked can say that they have.
      const mayHeal = sensorFault === 'both-limits' || sensorFault === 'current-sensor'
      const healed = hasLasted(seen, 'contacts-plausible', t.implausibleHardwareMs)
      return mayHeal && healed ? atLimit : undefined
    }
    default:
      if (atLimit) return atLimit
      if (!hasLasted(seen, 'limits-open', t.limitLostHardwareMs)) return undefined
      return sample.vehiclePresent ? 'at-none-vehicle' : 'at-none'
  }
}

/** The most urgent thing that the latest sample says. */
export function signalOf(
  situation: Situation,
  before: BoltSample | undefined,
  sample: BoltSample,
  thresholds: BoltThresholds,
): BoltSignal | undefined {
  return (
    stopSignal(situation, before, sample, thresholds) ??
    (situation.drive
      ? drivenSignal(situation, situation.drive, sample, thresholds)
      : restingSignal(situation, sample, thresholds))
  )
}

export type BoltCommand = 'up' | 'down' | 'safe' | 'rearm'

/** The signal that a command is, as things stand. */
export function commandSignal({ state, seen }: Situation, command: BoltCommand): BoltSignal {
  const { sample, tamper } = seen
  switch (command) {
    case 'up':
      return sample?.vehiclePresent ? 'command-up-vehicle' : 'command-up'
    case 'down':
      return 'command-down'
    case 'safe':
      return 'command-safe'
    case 'rearm': {
      const stillThere = tamper.closed || sample?.tampered || sample?.actuatorSupplied
      return state === 'safe' && stillThere ? 'command-rearm-unsafe' : 'command-rearm'
    }
  }
}
