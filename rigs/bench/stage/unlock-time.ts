import type { Board } from '../board/board-client.js'

/** From a code before the camera to the bolt on its way. */
export interface UnlockTime {
  /** What whoever stands there waits, milliseconds. */
  readonly wallMs: number
  /** The same by the board's own clock. */
  readonly hardwareMs: number
  /** When the bolt moved, milliseconds of `performance.now()`. */
  readonly at: number
}

/** How closely the bolt is watched, and how long it may stay where it is, hardware milliseconds. */
const LOOK_HARDWARE_MS = 20
const GIVE_UP_HARDWARE_MS = 3_000

/**
 * Watches the bolt, from the moment at which a picture is before the camera.
 * @returns undefined when the bolt does not stand up, or stays up, as it does for every wrong code
 */
export async function timeUnlock(board: Board): Promise<UnlockTime | undefined> {
  const from = performance.now()
  let seen = await board.observe()
  const { hardwareMs: fromHardwareMs, bolt } = seen
  if (bolt !== 'up') return undefined
  while (seen.bolt === 'up') {
    if (seen.hardwareMs - fromHardwareMs > GIVE_UP_HARDWARE_MS) return undefined
    seen = await board.hardwareElapsed(LOOK_HARDWARE_MS)
  }
  const at = performance.now()
  return { wallMs: at - from, hardwareMs: seen.hardwareMs - fromHardwareMs, at }
}
