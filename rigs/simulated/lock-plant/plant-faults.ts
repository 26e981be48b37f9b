/** What can be wrong with a lock's mechanics and electrics. Each is played until it is mended. */
export type PlantFault =
  /** An obstacle that the bolt cannot pass, at degrees of the servo. */
  | { readonly kind: 'jam'; readonly degrees: number }
  /** The bolt is wedged where it stands: the motor stalls in its inrush. */
  | { readonly kind: 'wedged' }
  /** The bolt moves at this part of its rated speed. */
  | { readonly kind: 'slow'; readonly factor: number }
  | { readonly kind: 'limit-stuck-open'; readonly limit: 'up' | 'down' }
  | { readonly kind: 'limit-stuck-closed'; readonly limit: 'up' | 'down' }
  /** Both switches closed, e.g. by water in their cable. */
  | { readonly kind: 'both-limits' }
  /** The switches bounce for so long after each change. */
  | { readonly kind: 'bounce'; readonly ms: number }
  /** Somebody pushes the arm to an angle and holds it there. */
  | { readonly kind: 'forced-arm'; readonly degrees: number }
  /** A vehicle comes when the bolt passes this angle. */
  | { readonly kind: 'vehicle-mid-rise'; readonly degrees: number }
  /** The housing is open, or the wire of its contact is cut. */
  | { readonly kind: 'tampered' }
  /** An old or cold battery: under load its voltage sags, down to a brown-out of the board. */
  | { readonly kind: 'battery-sag'; readonly internalOhms: number }
  /** @param charge 0 empty … 1 full */
  | { readonly kind: 'battery-charge'; readonly charge: number }
  /** The wire of an ADC channel is broken: the board's pull-down takes it to 0 V. */
  | { readonly kind: 'adc-open'; readonly channel: AnalogChannel }
  /** The wire touches the 5 V rail. */
  | { readonly kind: 'adc-short'; readonly channel: AnalogChannel }
  /** The relay's contact no longer opens. */
  | { readonly kind: 'relay-welded' }
  /** The relay's contact no longer closes, as with an emergency stop or a blown fuse. */
  | { readonly kind: 'supply-cut' }
  | { readonly kind: 'servo-signal-cut' }

export type AnalogChannel = 'motorCurrent' | 'battery'

/** Every kind, for whoever must not forget one. */
export const PLANT_FAULT_KINDS = [
  'jam',
  'wedged',
  'slow',
  'limit-stuck-open',
  'limit-stuck-closed',
  'both-limits',
  'bounce',
  'forced-arm',
  'vehicle-mid-rise',
  'tampered',
  'battery-sag',
  'battery-charge',
  'adc-open',
  'adc-short',
  'relay-welded',
  'supply-cut',
  'servo-signal-cut',
] as const satisfies readonly PlantFault['kind'][]

/** Fails to compile when a kind is missing above. */
type Forgotten = Exclude<PlantFault['kind'], (typeof PLANT_FAULT_KINDS)[number]>
true satisfies [Forgotten] extends [never] ? true : never
