/**
 * The one pin map of the lock: what is soldered to which pin of the Uno. The driver, the plant and the supervisor all
 * take it as data, so that a wire is moved in one place.
 *
 * Outputs are on port B (D8–D13) and inputs on port D (D2–D7) on purpose: a Firmata digital write carries a whole
 * port, and StandardFirmata takes a 1 at an input of that port for "switch the pull-up on".
 */
export interface OutputPin {
  /** Arduino number of a digital pin. */
  readonly pin: number
}

export interface InputPin {
  /** Arduino number of a digital pin. */
  readonly pin: number
  /** The level at which the input means "yes". */
  readonly active: 'high' | 'low'
  /** `up`: the board's own pull-up holds an open contact high. */
  readonly pull: 'up' | 'none'
}

export interface ServoPin extends OutputPin {
  /** Pulse widths at 0° and at 180°, microseconds. */
  readonly pulseUs: { readonly at0: number; readonly at180: number }
  /** Where the bolt stands when it is down and when it is up, degrees of the servo. */
  readonly degrees: { readonly down: number; readonly up: number }
}

export interface PinMap {
  /** Drives the power relay of the actuator; high supplies it. Normally open, with a pull-down. */
  readonly relay: OutputPin
  readonly servo: ServoPin
  readonly limitDown: InputPin
  readonly limitUp: InputPin
  readonly vehicle: InputPin
  /** The housing's tamper contact: yes means that the housing is open, or that its wire is cut. */
  readonly tamper: InputPin
  /** Senses the actuator's supply behind the relay's contact. */
  readonly contactSense: InputPin
  /** Analog channel of the shunt amplifier. */
  readonly motorCurrent: { readonly channel: number; readonly voltsPerAmp: number }
  /** Analog channel of the battery divider. */
  readonly battery: { readonly channel: number; readonly dividerRatio: number }
}

/** Volts at which the Uno's ADC reads full scale (AVCC), and its steps. */
export const ADC_REFERENCE_VOLTS = 5
export const ADC_STEPS = 1024

export const lockPinMap: PinMap = {
  relay: { pin: 8 },
  servo: { pin: 9, pulseUs: { at0: 600, at180: 2400 }, degrees: { down: 20, up: 110 } },
  limitDown: { pin: 2, active: 'low', pull: 'up' },
  limitUp: { pin: 3, active: 'low', pull: 'up' },
  // A normally closed contact that opens over a vehicle: a broken wire reads as a vehicle, and the bolt does not rise.
  vehicle: { pin: 4, active: 'high', pull: 'up' },
  // Normally closed to ground for the same reason: a cut wire reads as tampering.
  tamper: { pin: 6, active: 'high', pull: 'up' },
  contactSense: { pin: 5, active: 'high', pull: 'none' },
  motorCurrent: { channel: 0, voltsPerAmp: 1 },
  battery: { channel: 1, dividerRatio: 3 },
}
