/**
 * The bolt's state machine: pure, and a table. Each sample of the hardware, each command and the loss of the hardware
 * is turned into one signal; the table says what the signal does in each state. Time is the hardware's own.
 *
 * The position is `unknown` until a limit switch says otherwise; it is never guessed.
 */
import { BOLT_TABLE, type BoltAct, type BoltSignal, type BoltState } from './bolt-table.js'

export type { BoltAct, BoltSignal, BoltState } from './bolt-table.js'

export interface BoltLimits {
  /** Longest travel from limit to limit, hardware ms: twice what a servo with an arm needs, so a slow bolt passes. */
  readonly travelMs: number
  /** Equal readings in a row before a switch is believed: rides over contact bounce. */
  readonly stableSamples: number
  /** After power-on the motor draws its stall current while it gets going; no judgement before, hardware ms. */
  readonly inrushMs: number
  /** A current above this is a stall, amperes: an MG996R runs below 1 A and stalls at about 2.5 A at 6 V. */
  readonly stallAmps: number
  /** So long must the stall current last, hardware ms. */
  readonly stallMs: number
  /** A resting bolt with both switches open for so long is at neither limit: forced, or stopped on its way. Hardware ms. */
  readonly limitLostMs: number
}

export const DEFAULT_BOLT_LIMITS: BoltLimits = {
  travelMs: 3_000,
  stableSamples: 2,
  inrushMs: 150,
  stallAmps: 1.8,
  stallMs: 40,
  limitLostMs: 200,
}

/** What the machine needs of a hardware sample. */
export interface BoltSample {
  /** Milliseconds on the hardware's clock. */
  readonly hardwareMs: number
  readonly limitUp: boolean
  readonly limitDown: boolean
  readonly vehiclePresent: boolean
  readonly motorCurrentAmps: number
}

export type BoltInput =
  | { readonly kind: 'sample'; readonly sample: BoltSample }
  | { readonly kind: 'command'; readonly target: 'up' | 'down' }
  | { readonly kind: 'lost' }

/** A switch behind its debouncing: `closed` is undefined until enough equal readings have been seen. */
interface Debounced {
  readonly last: boolean | undefined
  readonly count: number
  readonly closed: boolean | undefined
}

interface Drive {
  readonly towards: 'up' | 'down'
  readonly sinceMs: number
}

export interface Bolt {
  readonly state: BoltState
  readonly drive: Drive | undefined
  /** Set while a bolt that stalled on its way up goes back: its fault outlives the way down. */
  readonly retracting: boolean
  readonly fault: 'jammed' | 'sensor-fault' | undefined
  /** How often the actuator was set going since the start. */
  readonly moves: number
  readonly up: Debounced
  readonly down: Debounced
  readonly stalledSinceMs: number | undefined
  readonly limitLostSinceMs: number | undefined
  readonly sample: BoltSample | undefined
}

const UNREAD: Debounced = { last: undefined, count: 0, closed: undefined }

/** A bolt after any start: nothing is known of it. */
export const BOLT_AT_START: Bolt = {
  state: 'homing',
  drive: undefined,
  retracting: false,
  fault: undefined,
  moves: 0,
  up: UNREAD,
  down: UNREAD,
  stalledSinceMs: undefined,
  limitLostSinceMs: undefined,
  sample: undefined,
}

export interface BoltStep {
  readonly bolt: Bolt
  /** What the caller must do to the hardware now. */
  readonly act?: BoltAct
  /** Why a command was not taken. */
  readonly refused?: 'vehicle-present' | 'fault'
}

/** Where the bolt is, as far as it is known. */
export function boltPosition(bolt: Bolt): 'up' | 'down' | 'moving' | 'unknown' {
  switch (bolt.state) {
    case 'up':
    case 'down':
      return bolt.state
    case 'raising':
    case 'lowering':
      return 'moving'
    case 'jammed':
      if (bolt.up.closed && bolt.down.closed === false) return 'up'
      return bolt.down.closed && bolt.up.closed === false ? 'down' : 'unknown'
    case 'homing':
    case 'sensor-fault':
    case 'unknown':
      return 'unknown'
  }
}

/** True when the bolt is not on its way anywhere: nothing more will happen without a command or a change outside. */
export function boltStands(bolt: Bolt): boolean {
  return bolt.drive === undefined && bolt.state !== 'homing'
}

function debounce(before: Debounced, reading: boolean, stableSamples: number): Debounced {
  const count = before.last === reading ? before.count + 1 : 1
  return { last: reading, count, closed: count >= stableSamples ? reading : before.closed }
}

/** Takes a sample in: what the switches say, and since when the current or the switch has been wrong. */
function observe(bolt: Bolt, sample: BoltSample, limits: BoltLimits): Bolt {
  const now = sample.hardwareMs
  const up = debounce(bolt.up, sample.limitUp, limits.stableSamples)
  const down = debounce(bolt.down, sample.limitDown, limits.stableSamples)
  const stalls =
    bolt.drive !== undefined &&
    now - bolt.drive.sinceMs >= limits.inrushMs &&
    sample.motorCurrentAmps > limits.stallAmps
  const limitLost = bolt.drive === undefined && up.closed === false && down.closed === false
  return {
    ...bolt,
    sample,
    up,
    down,
    stalledSinceMs: stalls ? (bolt.stalledSinceMs ?? now) : undefined,
    limitLostSinceMs: limitLost ? (bolt.limitLostSinceMs ?? now) : undefined,
  }
}

/** The most urgent thing that the latest sample says. */
function signalOf(bolt: Bolt, sample: BoltSample, limits: BoltLimits): BoltSignal | undefined {
  const now = sample.hardwareMs
  const { up, down, drive } = bolt
  if (up.closed && down.closed) return 'both-limits'
  if (drive?.towards === 'up' && sample.vehiclePresent) return 'vehicle-under-rise'
  if (up.closed && drive?.towards !== 'down') return 'at-up'
  if (down.closed && drive?.towards !== 'up') return 'at-down'
  if (drive) {
    const stalled = bolt.stalledSinceMs !== undefined && now - bolt.stalledSinceMs >= limits.stallMs
    return stalled || now - drive.sinceMs > limits.travelMs ? 'stalled' : undefined
  }
  if (up.closed === false && down.closed === false) {
    const since = bolt.limitLostSinceMs ?? now
    if (now - since < limits.limitLostMs) return undefined
    return sample.vehiclePresent ? 'at-none-vehicle' : 'at-none'
  }
  return undefined
}

function commandSignal(bolt: Bolt, target: 'up' | 'down'): BoltSignal {
  if (target === 'down') return 'command-down'
  return bolt.sample?.vehiclePresent ? 'command-up-vehicle' : 'command-up'
}

function apply(bolt: Bolt, signal: BoltSignal): BoltStep {
  const rule = BOLT_TABLE[bolt.state][signal]
  if (!rule) return { bolt }
  if ('refuse' in rule) return { bolt, refused: rule.refuse }
  const towards = rule.act === 'raise' ? 'up' : rule.act === 'lower' ? 'down' : undefined
  const arrived = (rule.to === 'up' || rule.to === 'down') && !bolt.retracting
  const next: Bolt = {
    ...bolt,
    state: rule.to,
    retracting: towards ? rule.retract === true : false,
    fault: rule.fault ?? (arrived ? undefined : bolt.fault),
    ...(rule.act && {
      drive: towards && { towards, sinceMs: bolt.sample?.hardwareMs ?? 0 },
      moves: bolt.moves + (towards ? 1 : 0),
      stalledSinceMs: undefined,
      limitLostSinceMs: undefined,
    }),
  }
  return rule.act ? { bolt: next, act: rule.act } : { bolt: next }
}

/** One step of the machine. */
export function stepBolt(bolt: Bolt, input: BoltInput, limits: BoltLimits = DEFAULT_BOLT_LIMITS): BoltStep {
  if (bolt.state === 'unknown') return input.kind === 'command' ? { bolt, refused: 'fault' } : { bolt }
  if (input.kind === 'lost') return { bolt: { ...bolt, state: 'unknown', drive: undefined } }
  if (input.kind === 'command') return apply(bolt, commandSignal(bolt, input.target))
  const observed = observe(bolt, input.sample, limits)
  const signal = signalOf(observed, input.sample, limits)
  return signal ? apply(observed, signal) : { bolt: observed }
}
