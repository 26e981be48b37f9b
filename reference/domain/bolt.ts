/**
 * The bolt's state machine: pure, and a table. Each sample of the hardware, each command and the loss of the hardware
 * is turned into one signal; the table says what the signal does in each state. Time is the hardware's own.
 *
 * The position is `unknown` until a limit switch says otherwise; it is never guessed.
 */
import { NOTHING_SEEN, observe, seeSupply, type BoltSample } from './bolt-observation.js'
import { commandSignal, signalOf, type BoltCommand, type Situation } from './bolt-signals.js'
import {
  BOLT_TABLE,
  type BoltAct,
  type BoltFault,
  type BoltRefusal,
  type BoltSignal,
  type BoltState,
  type SafeCause,
  type SensorFault,
} from './bolt-table.js'
import { DEFAULT_BOLT_THRESHOLDS, type BoltThresholds } from './lock-thresholds.js'

export type { BoltCommand } from './bolt-signals.js'
export type { BoltSample } from './bolt-observation.js'
export type {
  BoltAct,
  BoltFault,
  BoltRefusal,
  BoltSignal,
  BoltState,
  SafeCause,
  SensorFault,
} from './bolt-table.js'

export type BoltInput =
  | { readonly kind: 'sample'; readonly sample: BoltSample }
  | { readonly kind: 'command'; readonly command: BoltCommand }
  /** What the battery's judge says: the bolt must go down while it can. */
  | { readonly kind: 'battery-critical' }
  | { readonly kind: 'lost' }

export interface Bolt extends Situation {
  readonly fault: BoltFault | undefined
  /** How often the actuator was set going since the start. */
  readonly moves: number
}

/** A bolt after any start: nothing is known of it. @param latched it was made safe before, and stays so */
export function boltAtStart(latched?: SafeCause): Bolt {
  return {
    state: latched ? 'safe' : 'boot',
    drive: undefined,
    restSinceMs: 0,
    place: undefined,
    fault: latched,
    sensorFault: undefined,
    moves: 0,
    seen: NOTHING_SEEN,
  }
}

export interface BoltStep {
  readonly bolt: Bolt
  /** What the caller must do to the hardware now. */
  readonly act?: BoltAct
  /** Why a command was not taken. */
  readonly refused?: BoltRefusal
}

/** Where the bolt is, as far as it is known. */
export function boltPosition({ state, seen }: Bolt): 'up' | 'down' | 'moving' | 'unknown' {
  switch (state) {
    case 'up':
    case 'down':
      return state
    case 'rising':
    case 'lowering':
    case 'obstructed':
      return 'moving'
    case 'jammed':
    case 'safe':
      if (seen.up.closed && seen.down.closed === false) return 'up'
      return seen.down.closed && seen.up.closed === false ? 'down' : 'unknown'
    case 'boot':
    case 'homing':
    case 'forced':
    case 'sensor-fault':
    case 'link-lost':
      return 'unknown'
  }
}

/** States in which a resting bolt goes on by itself. */
const RESTLESS: readonly BoltState[] = ['boot', 'homing', 'obstructed', 'forced']

/** True when the bolt is not on its way anywhere: nothing more will happen without a command or a change outside. */
export function boltStands({ drive, state }: Bolt): boolean {
  return drive === undefined && !RESTLESS.includes(state)
}

function apply(bolt: Bolt, signal: BoltSignal): BoltStep {
  const rule = BOLT_TABLE[bolt.state][signal]
  if (!rule) return { bolt }
  if ('refuse' in rule) return { bolt, refused: rule.refuse }
  const { to, act, fault } = rule
  const nowMs = bolt.seen.sample?.hardwareMs ?? 0
  const towards = act === 'raise' ? 'up' : act === 'lower' ? 'down' : undefined
  const arrived = to === 'up' || to === 'down'
  // A fault is over when the bolt stands at an end, or is re-armed; on the way there it is still to be seen.
  const isOver = arrived || signal === 'command-rearm'
  const next: Bolt = {
    ...bolt,
    state: to,
    fault: fault ?? (isOver ? undefined : bolt.fault),
    sensorFault: fault === 'sensor-fault' ? (signal as SensorFault) : isOver ? undefined : bolt.sensorFault,
    place: arrived ? to : bolt.place,
    ...(act && {
      drive: towards && { towards, sinceMs: nowMs, suppliedSinceMs: undefined },
      restSinceMs: nowMs,
      moves: bolt.moves + (towards ? 1 : 0),
      seen: { ...bolt.seen, since: {} },
    }),
  }
  return act ? { bolt: next, act } : { bolt: next }
}

/** One step of the machine. */
export function stepBolt(
  bolt: Bolt,
  input: BoltInput,
  thresholds: BoltThresholds = DEFAULT_BOLT_THRESHOLDS,
): BoltStep {
  if (bolt.state === 'link-lost') return input.kind === 'command' ? { bolt, refused: 'fault' } : { bolt }
  switch (input.kind) {
    case 'lost':
      return { bolt: { ...bolt, state: 'link-lost', drive: undefined } }
    case 'command':
      return apply(bolt, commandSignal(bolt, input.command))
    case 'battery-critical':
      return apply(bolt, 'battery-critical')
    case 'sample': {
      const drive = seeSupply(bolt.drive, input.sample)
      const seen = observe(bolt.seen, input.sample, drive, thresholds)
      const now: Bolt = { ...bolt, drive, seen }
      const signal = signalOf(now, bolt.seen.sample, input.sample, thresholds)
      return signal ? apply(now, signal) : { bolt: now }
    }
  }
}
