import type { CameraFault } from '../domain/camera-fault.js'
import type { Camera } from '../ports/camera.js'
import { CameraHealth, type HealthOptions } from './camera-health.js'

export interface HealthChange {
  /** What is wrong from now on, the gravest first; empty when all is well again. */
  readonly faults: readonly CameraFault[]
  /** Why the driver lost the camera, where it did. */
  readonly reason?: string
}

const TICK_MS = 200

/**
 * Tells each change of a camera's health.
 * @returns ends the watch
 */
export function watchCamera(
  camera: Camera,
  options: HealthOptions,
  onChange: (change: HealthChange) => void,
  now: () => number = () => performance.timeOrigin + performance.now(),
): () => void {
  const health = new CameraHealth(options)
  let told = ''
  function tell(reason?: string): void {
    const { faults } = health
    const text = faults.join()
    if (text === told) return
    told = text
    onChange({ faults, ...(reason !== undefined && { reason }) })
  }
  const stops = [
    camera.onFrame((frame) => {
      health.frame(frame)
      tell()
    }),
    camera.onLost((reason) => {
      health.lost()
      tell(reason)
    }),
  ]
  const timer = setInterval(() => {
    health.tick(now())
    tell()
  }, TICK_MS)
  return () => {
    clearInterval(timer)
    for (const stop of stops) stop()
  }
}
