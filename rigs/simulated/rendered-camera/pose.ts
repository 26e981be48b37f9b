/**
 * How a device is held before the camera, and what stands in the light's way; the middle of the picture is in the
 * middle of the frame unless the hand is elsewhere. Everything that is drawn by chance follows `seed`.
 */
export interface Pose {
  /** From the lens to the screen, millimetres. Default: so near that the picture fills most of the frame. */
  readonly distanceMm?: number
  /** So many times farther away than that, > 0. Default 1. */
  readonly timesFarther?: number
  /** Turned about the vertical axis, degrees, −70…70. */
  readonly tiltDegrees?: number
  /** Turned about the horizontal axis, degrees, −70…70. */
  readonly pitchDegrees?: number
  /** Turned in the screen's plane, degrees. */
  readonly rotationDegrees?: number
  /** The picture's middle beside the frame's, share of the frame's width, −0.5…0.5. */
  readonly offset?: number
  /** Radius of the defocus, pixels of the frame, 0…20. */
  readonly blur?: number
  /** How far the hand moved while the frame was exposed, pixels. */
  readonly shake?: number
  /** Of the screen, 0…1. */
  readonly brightness?: number
  /** A lamp mirrored in the glass: 0 none … 1 a third of the code is white. */
  readonly glare?: number
  /** The screen's pixels beat with the sensor's: 0 none … 1 bands as deep as the code's contrast. */
  readonly moire?: number
  /** Splinters in the glass: 0 none … 1 some thirty cracks over the code. */
  readonly cracks?: number
  /** Share of the code's height that a thumb covers from below, 0…1. */
  readonly finger?: number
  /** Light modules on dark ground: a phone that inverts its colours. */
  readonly inverted?: boolean
  /** The picture is cropped to the symbol and lies on a page of this level, 0…255: dark mode, and viewers that crop. */
  readonly darkPage?: number
  /** A dimmed screen under a rolling shutter: 0 none … 1 bands of rows that are black. */
  readonly flicker?: number
  /** Rows of the frame from band to band. Default an eighth of its height. */
  readonly flickerRows?: number
  /** Where in a band the frame's first row is, 0…1: from frame to frame the bands wander. */
  readonly flickerPhase?: number
  /** Something keeps the light from half of the code: 0 none … 1 black there. Its edge is a few pixels wide. */
  readonly halfShadow?: number
  /** Seen in a mirror. */
  readonly mirrored?: boolean
  /** The screen has timed out: the device is there and dark. */
  readonly screenOff?: boolean
  /** Of cracks, glare and the hand's direction. Default 1. */
  readonly seed?: number
}

export interface FrameSize {
  readonly width: number
  readonly height: number
}
