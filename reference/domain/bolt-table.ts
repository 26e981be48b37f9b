/**
 * - `boot`: no contact has been believed yet
 * - `homing`: the position is unknown and being looked for
 * - `obstructed`: something was in the way of a rise; the power was cut, and the bolt goes back down, once
 * - `jammed`: stopped where it stalled; a command tries again
 * - `forced`: somebody moved the bolt; it goes back to its place after a while
 * - `sensor-fault`: what the sensors say cannot be true; nothing moves
 * - `link-lost`: the board is gone; the end of this machine
 * - `safe`: the power is off, and stays off until somebody re-arms the lock
 */
export type BoltState =
  | 'boot'
  | 'homing'
  | 'down'
  | 'rising'
  | 'up'
  | 'lowering'
  | 'obstructed'
  | 'jammed'
  | 'forced'
  | 'sensor-fault'
  | 'link-lost'
  | 'safe'

/** What took a lock to `safe`. */
export type SafeCause = 'safe-ordered' | 'tampered' | 'power-stuck' | 'power-missing' | 'heartbeat-lost'

/** What is wrong with a bolt. */
export type BoltFault = 'obstructed' | 'jammed' | 'forced' | 'sensor-fault' | SafeCause

/** Which readings cannot be true. */
export type SensorFault =
  /** Both limit switches are closed. */
  | 'both-limits'
  /** The bolt was driven away from a limit switch that stays closed. */
  | 'limit-closed'
  /** Supplied and commanded, the motor draws nothing and no limit is reached. */
  | 'no-current'
  /** A current that the motor cannot draw. */
  | 'current-sensor'

export type BoltSignal =
  /** Every contact has been read. */
  | 'contacts-read'
  | 'command-up'
  /** Up is asked for while a vehicle stands over the bolt. */
  | 'command-up-vehicle'
  | 'command-down'
  | 'command-safe'
  | 'command-rearm'
  /** Re-arming is asked for while the cause is still there. */
  | 'command-rearm-unsafe'
  | 'at-up'
  | 'at-down'
  /** At rest, and at neither limit. */
  | 'at-none'
  | 'at-none-vehicle'
  | 'vehicle-under-rise'
  /** Over-current or out of time, on the way up, and on the way down. */
  | 'rise-blocked'
  | 'fall-blocked'
  /** The pause after a blocked rise is over. */
  | 'retreat-due'
  /** Nobody has touched the forced bolt for a while, and its place was up, or down. */
  | 'restore-up'
  | 'restore-down'
  | 'battery-critical'
  | SensorFault
  | Exclude<SafeCause, 'safe-ordered'>

export type BoltAct = 'raise' | 'lower' | 'release'

export type BoltRefusal = 'vehicle-present' | 'fault' | 'safe' | 'battery-critical'

export type BoltRule =
  | { readonly to: BoltState; readonly act?: BoltAct; readonly fault?: BoltFault }
  | { readonly refuse: BoltRefusal }

type Rules = Readonly<Partial<Record<BoltSignal, BoltRule>>>

const raise: BoltRule = { to: 'rising', act: 'raise' }
const lower: BoltRule = { to: 'lowering', act: 'lower' }
const noRise: BoltRule = { refuse: 'vehicle-present' }
const faulty: BoltRule = { refuse: 'fault' }
const latched: BoltRule = { refuse: 'safe' }
const reachedUp: BoltRule = { to: 'up', act: 'release' }
const reachedDown: BoltRule = { to: 'down', act: 'release' }
/** Up is where an unknown bolt is looked for: a locked bay harms nobody, but under a vehicle only down is safe. */
const homeUp: BoltRule = { to: 'homing', act: 'raise' }
const homeDown: BoltRule = { to: 'homing', act: 'lower' }
const blockedRise: BoltRule = { to: 'obstructed', act: 'release', fault: 'obstructed' }
const blockedFall: BoltRule = { to: 'jammed', act: 'release', fault: 'jammed' }
const pushed: BoltRule = { to: 'forced', act: 'release', fault: 'forced' }
const implausible: BoltRule = { to: 'sensor-fault', act: 'release', fault: 'sensor-fault' }
const start: BoltRule = { to: 'homing', act: 'release' }

const safe = (fault: SafeCause): BoltRule => ({ to: 'safe', act: 'release', fault })

/** What must stop a lock wherever its bolt is. */
const STOPS: Rules = {
  'command-safe': safe('safe-ordered'),
  tampered: safe('tampered'),
  'power-stuck': safe('power-stuck'),
  'power-missing': safe('power-missing'),
  'heartbeat-lost': safe('heartbeat-lost'),
  'both-limits': implausible,
  'limit-closed': implausible,
  'no-current': implausible,
  'current-sensor': implausible,
}

/** What each signal does in each state; what is not here changes nothing. */
export const BOLT_TABLE: Readonly<Record<BoltState, Rules>> = {
  boot: {
    ...STOPS,
    // A controller that starts after its own stall looks at everything anew; the cut-off has done its work.
    'heartbeat-lost': start,
    'contacts-read': start,
    'command-up': { to: 'boot' },
    'command-up-vehicle': noRise,
    'command-down': lower,
    'battery-critical': lower,
  },
  homing: {
    ...STOPS,
    'command-up': { to: 'homing' },
    'command-up-vehicle': noRise,
    'command-down': lower,
    'at-up': reachedUp,
    'at-down': reachedDown,
    'at-none': homeUp,
    'at-none-vehicle': homeDown,
    'vehicle-under-rise': homeDown,
    'rise-blocked': blockedRise,
    'fall-blocked': blockedFall,
    'battery-critical': lower,
  },
  up: {
    ...STOPS,
    'command-down': lower,
    'at-down': pushed,
    'at-none': pushed,
    'at-none-vehicle': pushed,
    'battery-critical': lower,
  },
  down: {
    ...STOPS,
    'command-up': raise,
    'command-up-vehicle': noRise,
    // Acknowledges the rise that was blocked.
    'command-rearm': { to: 'down' },
    'at-up': pushed,
    'at-none': pushed,
    'at-none-vehicle': pushed,
  },
  rising: {
    ...STOPS,
    'command-up-vehicle': noRise,
    'command-down': lower,
    'at-up': reachedUp,
    'vehicle-under-rise': lower,
    'rise-blocked': blockedRise,
    'battery-critical': lower,
  },
  lowering: {
    ...STOPS,
    'command-up': raise,
    'command-up-vehicle': noRise,
    'at-down': reachedDown,
    'fall-blocked': blockedFall,
  },
  obstructed: {
    ...STOPS,
    'command-up': faulty,
    'command-up-vehicle': faulty,
    'retreat-due': { to: 'obstructed', act: 'lower', fault: 'obstructed' },
    'at-down': { to: 'down', act: 'release', fault: 'obstructed' },
    'fall-blocked': blockedFall,
  },
  jammed: {
    ...STOPS,
    'command-up': raise,
    'command-up-vehicle': noRise,
    'command-down': lower,
    'command-rearm': start,
    'battery-critical': lower,
  },
  forced: {
    ...STOPS,
    'command-up': raise,
    'command-up-vehicle': noRise,
    'command-down': lower,
    'command-rearm': start,
    'at-up': { to: 'up' },
    'at-down': { to: 'down' },
    'restore-up': { to: 'homing', act: 'raise', fault: 'forced' },
    'restore-down': { to: 'homing', act: 'lower', fault: 'forced' },
    'battery-critical': lower,
  },
  'sensor-fault': {
    'command-safe': safe('safe-ordered'),
    tampered: safe('tampered'),
    'power-stuck': safe('power-stuck'),
    'command-up': faulty,
    'command-up-vehicle': faulty,
    'command-down': faulty,
    'command-rearm': start,
    'at-up': { to: 'up' },
    'at-down': { to: 'down' },
  },
  safe: {
    'command-up': latched,
    'command-up-vehicle': latched,
    'command-down': latched,
    'command-rearm': start,
    'command-rearm-unsafe': faulty,
  },
  'link-lost': {},
}
