/** The page of the device that stands before a rig's camera. */
export interface ScreenSettings {
  /** Default 127.0.0.1: a device of its own needs the bench's address in its network, or 0.0.0.0. */
  readonly host?: string
  /** Default: any free port. */
  readonly port?: number
  /** The part of the address that nobody guesses; drawn where it is left out, so that each run has another. */
  readonly key?: string
}
