/** What can be wrong with a receiver or its line. Each is played until it is mended. */
export type GpsFault =
  /** Too few satellites: the sentences say that there is no fix. */
  | { readonly kind: 'gps-void' }
  /** A digit is changed on the line. */
  | { readonly kind: 'gps-bad-checksum' }
  /** Every sentence ends before its checksum. */
  | { readonly kind: 'gps-truncated' }
  /** It repeats its last fix for ever, time and all. */
  | { readonly kind: 'gps-stale' }
  /** Every fix lies so far north of the truth, as with a reflected signal. */
  | { readonly kind: 'gps-jump'; readonly northMetres: number }
  /** Satellites stand badly: fixes come, with this dilution. */
  | { readonly kind: 'gps-poor'; readonly hdop: number }
  /** It says nothing at all. */
  | { readonly kind: 'gps-silent' }

export const GPS_FAULT_KINDS = [
  'gps-void',
  'gps-bad-checksum',
  'gps-truncated',
  'gps-stale',
  'gps-jump',
  'gps-poor',
  'gps-silent',
] as const satisfies readonly GpsFault['kind'][]

/** Fails to compile when a kind is missing above. */
type Forgotten = Exclude<GpsFault['kind'], (typeof GPS_FAULT_KINDS)[number]>
true satisfies [Forgotten] extends [never] ? true : never

export function isGpsFault(fault: { readonly kind: string }): fault is GpsFault {
  return GPS_FAULT_KINDS.some((kind) => kind === fault.kind)
}
