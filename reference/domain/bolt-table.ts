/**
 * - `homing`: the position is unknown and being looked for
 * - `jammed`: stopped where it stalled; a command tries again
 * - `sensor-fault`: both switches say "here"; nothing moves until one of them alone is closed
 * - `unknown`: the hardware is gone; the end of this machine
 */
export type BoltState =
  'homing' | 'up' | 'down' | 'raising' | 'lowering' | 'jammed' | 'sensor-fault' | 'unknown'

export type BoltSignal =
  | 'command-up'
  /** Up is asked for while a vehicle stands over the bolt. */
  | 'command-up-vehicle'
  | 'command-down'
  | 'at-up'
  | 'at-down'
  | 'both-limits'
  /** At rest, and at neither limit. */
  | 'at-none'
  | 'at-none-vehicle'
  | 'vehicle-under-rise'
  /** Over-current or out of time. */
  | 'stalled'

export type BoltAct = 'raise' | 'lower' | 'release'

export type BoltRule =
  | {
      readonly to: BoltState
      readonly act?: BoltAct
      readonly fault?: 'jammed' | 'sensor-fault'
      readonly retract?: true
    }
  | { readonly refuse: 'vehicle-present' | 'fault' }

const raise: BoltRule = { to: 'raising', act: 'raise' }
const lower: BoltRule = { to: 'lowering', act: 'lower' }
const noRise: BoltRule = { refuse: 'vehicle-present' }
const faulty: BoltRule = { refuse: 'fault' }
const bothLimits: BoltRule = { to: 'sensor-fault', act: 'release', fault: 'sensor-fault' }
const giveUp: BoltRule = { to: 'jammed', act: 'release', fault: 'jammed' }
/** Something is in the way of the rise: back down, once, for a bolt that pushes against a thing harms it. */
const retract: BoltRule = { to: 'lowering', act: 'lower', fault: 'jammed', retract: true }
const reachedUp: BoltRule = { to: 'up', act: 'release' }
const reachedDown: BoltRule = { to: 'down', act: 'release' }
/** Up is where an unknown bolt is looked for: a locked bay harms nobody, but under a vehicle only down is safe. */
const homeUp: BoltRule = { to: 'homing', act: 'raise' }
const homeDown: BoltRule = { to: 'homing', act: 'lower' }

/** What each signal does in each state; what is not here changes nothing. */
export const BOLT_TABLE: Readonly<Record<BoltState, Readonly<Partial<Record<BoltSignal, BoltRule>>>>> = {
  homing: {
    'command-up': { to: 'homing' },
    'command-up-vehicle': noRise,
    'command-down': lower,
    'at-up': reachedUp,
    'at-down': reachedDown,
    'both-limits': bothLimits,
    'at-none': homeUp,
    'at-none-vehicle': homeDown,
    'vehicle-under-rise': homeDown,
    stalled: giveUp,
  },
  up: {
    'command-down': lower,
    'at-down': { to: 'down' },
    'both-limits': bothLimits,
    'at-none': homeUp,
    'at-none-vehicle': homeDown,
  },
  down: {
    'command-up': raise,
    'command-up-vehicle': noRise,
    'at-up': { to: 'up' },
    'both-limits': bothLimits,
    'at-none': homeDown,
    'at-none-vehicle': homeDown,
  },
  raising: {
    'command-up-vehicle': noRise,
    'command-down': lower,
    'at-up': reachedUp,
    'both-limits': bothLimits,
    'vehicle-under-rise': lower,
    stalled: retract,
  },
  lowering: {
    'command-up': raise,
    'command-up-vehicle': noRise,
    'at-down': reachedDown,
    'both-limits': bothLimits,
    stalled: giveUp,
  },
  jammed: {
    'command-up': raise,
    'command-up-vehicle': noRise,
    'command-down': lower,
    'both-limits': bothLimits,
  },
  'sensor-fault': {
    'command-up': faulty,
    'command-up-vehicle': faulty,
    'command-down': faulty,
    'at-up': { to: 'up' },
    'at-down': { to: 'down' },
  },
  unknown: {},
}
