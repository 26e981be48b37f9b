import type { CameraCalibration } from '../../../reference/scanner/calibrate.js'
import { openFrameStream } from '../../drivers/frame-stream/frame-stream.js'
import { openAnyCamera, type OpenedCamera } from './open-any-camera.js'

/** Where a lock's process finds its camera. */
export type CameraSource =
  | { readonly stream: { readonly host: string; readonly port: number } }
  | { readonly url: string; readonly calibration?: CameraCalibration }

/** @throws CameraUnavailable */
export async function openCameraSource(source: CameraSource): Promise<OpenedCamera> {
  if ('stream' in source) return { camera: await openFrameStream(source.stream), health: {} }
  const { camera, health } = await openAnyCamera(source.url)
  const { calibration } = source
  if (!calibration) return { camera, health }
  return { camera, health: { size: calibration.size, thresholds: calibration.thresholds, ...health } }
}
