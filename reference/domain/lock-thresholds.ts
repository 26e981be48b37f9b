/**
 * Every threshold of the lock controller, in one place. None is in a standard: each is a choice of this reference lock,
 * with its reason. `HardwareMs` are milliseconds on the board's own clock, so a slow host changes no verdict.
 */

/** What the bolt's state machine goes by. */
export interface BoltThresholds {
  /** Longest travel from limit to limit: a healthy one takes some 700 ms, so a bolt four times as slow passes. */
  readonly travelHardwareMs: number
  /** Equal readings in a row before a contact is believed: at 100 samples a second this rides over 10 ms of bounce. */
  readonly stableSamples: number
  /** From the moment that the supply is seen: a motor that starts draws its stall current, and is not judged. */
  readonly inrushHardwareMs: number
  /** A current above this is a stall, amperes: an MG996R runs below 1 A and stalls at about 2.5 A at 6 V. */
  readonly stallAmps: number
  /** So long must the stall current last. With the inrush it leaves half of the 100 ms that a jam may stay powered. */
  readonly stallHardwareMs: number
  /** A supplied motor that draws less is not working, amperes: a servo that holds still draws about 0.1 A. */
  readonly runningAmps: number
  /** So long without running current, and without the limit, is no travel: signal or motor cut, or a limit that stays open. */
  readonly idleHardwareMs: number
  /** No current flows without supply: more than this, amperes, comes from the sensor (its offset is below 0.1 A). */
  readonly restAmps: number
  /** More than a stalled motor or a reversal can draw, amperes: the shunt's amplifier is at its end. */
  readonly highestAmps: number
  /** An impossible current must last so long. */
  readonly implausibleHardwareMs: number
  /** The bolt leaves its limit within so long, at a quarter of the rated speed too. */
  readonly leaveLimitHardwareMs: number
  /**
   * The supply must be seen so long after it is asked for, and must be gone so long after it is taken away. A relay
   * needs 10 ms; the rest is for a host that was stalled and reads samples from before its own command. There is no
   * hurry: without supply nothing moves, and a servo that is supplied for no reason gets no pulses.
   */
  readonly supplyHardwareMs: number
  /** A supply that vanishes under way (emergency stop, fuse) is believed after so long. */
  readonly supplyLostHardwareMs: number
  /** A resting bolt with both switches open for so long has been moved. */
  readonly limitLostHardwareMs: number
  /** Who pushes the arm is left so long before the bolt goes back to its place: it does not fight a hand. */
  readonly forcedHardwareMs: number
  /** Between the cut after a blocked rise and the way back: the motor is at rest, and the cut is seen. */
  readonly retreatHardwareMs: number
}

/** What the battery's judge goes by: two lithium cells in series. */
export interface BatteryThresholds {
  /** Current above which a voltage counts as one under load, amperes. */
  readonly loadAmps: number
  /** Under load the battery is low below this, volts: 3.3 a cell. */
  readonly lowLoadVolts: number
  /** Under load it is critical below this, volts: 3.0 a cell, and the least that the servo works at. */
  readonly criticalLoadVolts: number
  /** The mean over so much load is judged: a start's inrush alone is not. */
  readonly loadHardwareMs: number
  /** At rest it is low below this, volts: 3.45 a cell is about a tenth of the charge. */
  readonly lowRestVolts: number
  /** At rest it is critical below this, volts: 3.2 a cell is empty. */
  readonly criticalRestVolts: number
  /** A voltage at rest is judged after so long without load: cells recover slowly, and a sag is no empty battery. */
  readonly restHardwareMs: number
  /** A voltage at rest that has risen so far was charged, volts. Less is only recovery after a load. */
  readonly chargedByVolts: number
  /** Outside these the divider or its wire is broken, not the battery, volts. */
  readonly plausibleVolts: { readonly lowest: number; readonly highest: number }
}

/** What the GPS unit's fixes are judged by before the platform hears of them. */
export interface FixThresholds {
  /** A fix with a greater horizontal dilution is too poor to compare on: 5 is the usual border of "moderate". */
  readonly maxHdop: number
  /** A lock is bolted down: a fix that lies farther from the last good one is a jump, metres: three times the 95 % error. */
  readonly jumpMetres: number
  /** ... until so many in a row agree on the new place: then the lock was moved, and that must be told. */
  readonly jumpFixes: number
  /** With no good fix for so long the position counts as lost. */
  readonly lostHardwareMs: number
}

export const DEFAULT_BOLT_THRESHOLDS: BoltThresholds = {
  travelHardwareMs: 3_000,
  stableSamples: 2,
  inrushHardwareMs: 150,
  stallAmps: 1.8,
  stallHardwareMs: 40,
  runningAmps: 0.2,
  idleHardwareMs: 250,
  restAmps: 0.3,
  highestAmps: 4.5,
  implausibleHardwareMs: 250,
  leaveLimitHardwareMs: 700,
  supplyHardwareMs: 3_000,
  supplyLostHardwareMs: 50,
  limitLostHardwareMs: 200,
  forcedHardwareMs: 2_000,
  retreatHardwareMs: 150,
}

export const DEFAULT_BATTERY_THRESHOLDS: BatteryThresholds = {
  loadAmps: 0.3,
  lowLoadVolts: 6.6,
  criticalLoadVolts: 6.0,
  loadHardwareMs: 150,
  lowRestVolts: 6.9,
  criticalRestVolts: 6.4,
  restHardwareMs: 1_000,
  chargedByVolts: 0.3,
  plausibleVolts: { lowest: 4.0, highest: 9.0 },
}

export const DEFAULT_FIX_THRESHOLDS: FixThresholds = {
  maxHdop: 5,
  jumpMetres: 15,
  jumpFixes: 5,
  lostHardwareMs: 10_000,
}
