/**
 * What can be wrong with a scanner's camera, the gravest first; never "no code shown".
 * - `black`: no light reaches the sensor · `covered`: hardly any, and nothing can be told apart
 * - `low-light`: hardly any, yet there is something to see · `over-exposed`: most of the frame is white
 * - `fogged`: a bright veil over everything · `defocused`: contrast without edges
 * - `frozen`: the same picture again and again · `stalled`: no pictures · `dropping`: fewer than there should be
 * - `wrong-resolution`: not the size that was asked for
 */
export const CAMERA_FAULTS = [
  'stalled',
  'frozen',
  'wrong-resolution',
  'black',
  'covered',
  'over-exposed',
  'fogged',
  'low-light',
  'defocused',
  'dropping',
] as const

export type CameraFault = (typeof CAMERA_FAULTS)[number]
