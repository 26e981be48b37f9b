import type { Device } from './device-screen.js'
import type { FrameSize, Pose } from './pose.js'
import { sceneWithDevice } from './scene.js'

/** Two devices side by side fit the frame when they are so much farther away than one, and so far from its middle. */
const TIMES_FARTHER = 2.1
const OFFSET = 0.24

/** Two devices held before the camera at once, the first to the left. */
export async function sceneWithTwo(
  size: FrameSize,
  [left, right]: readonly [Buffer, Buffer],
  device: Device,
  pose: Pose = {},
): Promise<Uint8Array> {
  const timesFarther = (pose.timesFarther ?? 1) * TIMES_FARTHER
  const first = await sceneWithDevice(size, left, device, { ...pose, timesFarther, offset: -OFFSET })
  return sceneWithDevice(size, right, device, { ...pose, timesFarther, offset: OFFSET }, first)
}
