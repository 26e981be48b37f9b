import type { BoltTarget, HardwareSample, LockHardware } from '../../../reference/ports/lock-hardware.js'
import {
  DEFAULT_BATTERY_THRESHOLDS,
  DEFAULT_BOLT_THRESHOLDS,
} from '../../../reference/domain/lock-thresholds.js'
import type { BoltMove } from '../lock/move-bolt.js'
import { judge, judgeFact, type Finding } from './finding.js'

/** A relay's contact follows its coil in about 10 ms; a sample, and the way there and back, may add some tens. */
const RELAY_LIMIT_MS = 200
/** A motor without supply; the amplifier's offset and the converter's step may show this much. */
const REST_LIMIT_AMPS = 0.1

/** What the sensors said during one travel, and after it. */
export interface Travel {
  readonly target: BoltTarget
  readonly move: BoltMove
  readonly samples: readonly HardwareSample[]
}

/** Follows a travel sample by sample. @param move does it */
export async function recordTravel(
  hardware: LockHardware,
  target: BoltTarget,
  move: () => Promise<BoltMove>,
): Promise<Travel> {
  const samples: HardwareSample[] = [hardware.sample]
  const stop = hardware.onSample((sample) => samples.push(sample))
  try {
    return { target, move: await move(), samples }
  } finally {
    stop()
  }
}

/** The servo's end, its travel time, the relay both ways, and the motor's current, of one travel. */
export function judgeTravel({ target, move, samples }: Travel): Finding[] {
  const { ending, fault, hardwareMs, readings } = move
  const arrived = judgeFact(
    `servo reaches ${target}`,
    ending === 'done' && readings.bolt === target,
    `limit switch ${target} pressed, the other one open`,
    ending === 'done' ? undefined : (fault ?? ending),
  )
  if (arrived.verdict === 'fail') return [arrived]
  const startedAt = samples[0]?.hardwareMs ?? 0
  const supplied = samples.filter(({ actuatorSupplied }) => actuatorSupplied)
  const onAt = supplied[0]?.hardwareMs ?? Infinity
  const offAt =
    samples.at(-1)?.actuatorSupplied === false ? (samples.at(-1)?.hardwareMs ?? Infinity) : Infinity
  const running = median(
    supplied
      .filter(
        ({ hardwareMs: at, limitUp, limitDown }) =>
          at > onAt + DEFAULT_BOLT_THRESHOLDS.inrushHardwareMs && !limitUp && !limitDown,
      )
      .map(({ motorCurrentAmps }) => motorCurrentAmps),
  )
  const loaded = supplied.filter(
    ({ motorCurrentAmps }) => motorCurrentAmps > DEFAULT_BATTERY_THRESHOLDS.loadAmps,
  )
  return [
    arrived,
    judge(`travel ${target}`, hardwareMs, {
      unit: 'hardware ms',
      least: 100,
      most: DEFAULT_BOLT_THRESHOLDS.travelHardwareMs,
    }),
    judge(`relay closes (${target})`, onAt - startedAt, { unit: 'hardware ms', most: RELAY_LIMIT_MS }),
    judge(`relay opens (${target})`, offAt - (startedAt + hardwareMs), {
      unit: 'hardware ms',
      most: RELAY_LIMIT_MS,
    }),
    judge(`current while running ${target}`, running, {
      unit: 'A',
      least: DEFAULT_BOLT_THRESHOLDS.runningAmps,
      most: DEFAULT_BOLT_THRESHOLDS.stallAmps,
      digits: 2,
    }),
    judge(`battery under load (${target})`, Math.min(...loaded.map(({ batteryVolts }) => batteryVolts)), {
      unit: 'V',
      least: DEFAULT_BATTERY_THRESHOLDS.lowLoadVolts,
      most: DEFAULT_BATTERY_THRESHOLDS.plausibleVolts.highest,
      margin: 0.03,
      digits: 2,
    }),
  ]
}

/** The lock at rest: no supply, no current, a battery, and switches that do not contradict each other. */
export function judgeRest(sample: HardwareSample): Finding[] {
  return [
    judgeFact('contact sense at rest', !sample.actuatorSupplied, 'no supply behind the relay'),
    judge('current at rest', sample.motorCurrentAmps, {
      unit: 'A',
      most: REST_LIMIT_AMPS,
      digits: 3,
      margin: 0.5,
    }),
    judge('battery at rest', sample.batteryVolts, {
      unit: 'V',
      least: DEFAULT_BATTERY_THRESHOLDS.lowRestVolts,
      most: DEFAULT_BATTERY_THRESHOLDS.plausibleVolts.highest,
      margin: 0.03,
      digits: 2,
    }),
    judgeFact('limit switches', !(sample.limitUp && sample.limitDown), 'not both pressed'),
  ]
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? NaN
}
