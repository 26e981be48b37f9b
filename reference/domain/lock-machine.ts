/**
 * The whole lock as a machine: the bolt, the battery and the wear are regions of their own, and here is what they have
 * to do with each other. Whoever runs it carries out the acts, and tells both states.
 */
import { batteryState, stepBattery, UNJUDGED_BATTERY, type Battery, type BatterySample } from './battery.js'
import {
  boltAtStart,
  boltStands,
  stepBolt,
  type Bolt,
  type BoltAct,
  type BoltCommand,
  type BoltRefusal,
  type BoltSample,
  type SafeCause,
} from './bolt.js'
import { addWear, NO_WEAR, wearOfStep, type Wear } from './wear.js'
import {
  DEFAULT_BATTERY_THRESHOLDS,
  DEFAULT_BOLT_THRESHOLDS,
  type BatteryThresholds,
  type BoltThresholds,
} from './lock-thresholds.js'

export type LockSample = BoltSample & BatterySample

export type LockInput =
  | { readonly kind: 'sample'; readonly sample: LockSample }
  | { readonly kind: 'command'; readonly command: BoltCommand }
  | { readonly kind: 'lost' }

export interface LockMachine {
  readonly bolt: Bolt
  readonly battery: Battery
  /** Since the machine began. */
  readonly wear: Wear
  /** The one lowering that a critical battery is used for has been. */
  readonly loweredWhileCritical: boolean
  /** The battery forbids the drive that the bolt's state asks for: it waits for a better one. */
  readonly heldByBattery: boolean
}

export function lockAtStart(latched?: SafeCause): LockMachine {
  return {
    bolt: boltAtStart(latched),
    battery: UNJUDGED_BATTERY,
    wear: NO_WEAR,
    loweredWhileCritical: false,
    heldByBattery: false,
  }
}

export interface MachineThresholds {
  readonly bolt: BoltThresholds
  readonly battery: BatteryThresholds
}

const DEFAULTS: MachineThresholds = { bolt: DEFAULT_BOLT_THRESHOLDS, battery: DEFAULT_BATTERY_THRESHOLDS }

export interface LockStep {
  readonly lock: LockMachine
  readonly act?: BoltAct
  readonly refused?: BoltRefusal
}

const isCritical = ({ battery }: LockMachine) => batteryState(battery) === 'critical'

/** True when nothing more will happen without a command or a change outside. */
export function lockStands(lock: LockMachine): boolean {
  return boltStands(lock.bolt) || (lock.heldByBattery && !lock.bolt.drive)
}

/** Why the battery forbids what the bolt is about to do. */
function forbiddenByBattery(lock: LockMachine, act: BoltAct | undefined): BoltRefusal | undefined {
  if (act === undefined || act === 'release') return undefined
  const battery = batteryState(lock.battery)
  if (battery === 'critical') {
    return act === 'lower' && !lock.loweredWhileCritical ? undefined : 'battery-critical'
  }
  // With a voltage that cannot be read a rise might not be followed by a fall.
  return battery === 'unreadable' && act === 'raise' ? 'fault' : undefined
}

/** A lowering that is under way when the battery turns critical, or begins then, is the one that it is used for. */
function spend(lock: LockMachine): LockMachine {
  const loweredWhileCritical =
    isCritical(lock) && (lock.loweredWhileCritical || lock.bolt.drive?.towards === 'down')
  return loweredWhileCritical === lock.loweredWhileCritical ? lock : { ...lock, loweredWhileCritical }
}

function stepBoltOf(lock: LockMachine, input: Parameters<typeof stepBolt>[1], t: BoltThresholds): LockStep {
  const { bolt, act, refused } = stepBolt(lock.bolt, input, t)
  const forbidden = forbiddenByBattery(lock, act)
  if (!forbidden) {
    const heldByBattery = lock.heldByBattery && bolt.state === lock.bolt.state
    return { lock: spend({ ...lock, bolt, heldByBattery }), ...(act && { act }), ...(refused && { refused }) }
  }
  if (input.kind === 'command') return { lock, refused: forbidden }
  // What was seen is kept, what was decided is not.
  const held = { ...lock, bolt: { ...lock.bolt, seen: bolt.seen }, heldByBattery: true }
  if (!lock.bolt.drive) return { lock: held }
  // Whatever it was that asked for another way: the one that the bolt is on is not it.
  return { lock: { ...held, bolt: { ...held.bolt, state: 'jammed', drive: undefined } }, act: 'release' }
}

/** One step. */
export function stepLock(before: LockMachine, input: LockInput, thresholds = DEFAULTS): LockStep {
  if (input.kind !== 'sample') return stepBoltOf(before, input, thresholds.bolt)
  const { sample } = input
  const battery = stepBattery(before.battery, sample, thresholds.battery)
  const stepped = stepBoltOf({ ...before, battery }, { kind: 'sample', sample }, thresholds.bolt)
  const lastMs = before.bolt.seen.sample?.hardwareMs ?? sample.hardwareMs
  const worn = wearOfStep(before.bolt, stepped.lock.bolt, sample, sample.hardwareMs - lastMs)
  const lock = { ...stepped.lock, wear: addWear(before.wear, worn) }
  if (stepped.act || !isCritical(lock) || lock.loweredWhileCritical) return { ...stepped, lock }
  return stepBoltOf(lock, { kind: 'battery-critical' }, thresholds.bolt)
}
