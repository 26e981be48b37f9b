import type { Camera } from '../../../reference/ports/camera.js'
import type { CameraUrl } from './camera-url.js'
import { openFfmpegCamera } from './ffmpeg-camera.js'
import { openFileCamera } from './file-camera.js'
import { openHttpCamera } from './http-camera.js'
import { keepCamera, type KeepOptions } from './keep-camera.js'

/** What these drivers open; a rendered camera is a stand-in, which the bench starts. */
export type DeviceUrl = Exclude<CameraUrl, { kind: 'rendered' }>

export interface OpenOptions extends KeepOptions {
  /** Wall seconds that a second takes on this machine: an emulated one is slow. Default 1. */
  readonly timeScale?: number
}

function openV4l2(
  { device, size, fps, format }: Extract<CameraUrl, { kind: 'v4l2' }>,
  timeScale: number,
): Promise<Camera> {
  return openFfmpegCamera({
    name: `v4l2:${device}`,
    args: [
      ...['-f', 'v4l2', '-ts', 'default'],
      ...(format === undefined ? [] : ['-input_format', format]),
      ...(size === undefined ? [] : ['-video_size', `${size.width}x${size.height}`]),
      ...(fps === undefined ? [] : ['-framerate', String(fps)]),
      ...['-i', device],
    ],
    ...(fps !== undefined && { fps }),
    kernelTimes: true,
    timeScale,
  })
}

/**
 * Opens a camera by its URL; its first frame has come when it resolves. Live cameras come back by themselves when they
 * were lost.
 * @throws CameraUnavailable
 */
export function openCamera(url: DeviceUrl, { timeScale = 1, ...keeping }: OpenOptions = {}): Promise<Camera> {
  switch (url.kind) {
    case 'v4l2':
      return keepCamera(() => openV4l2(url, timeScale), keeping)
    case 'http':
      return keepCamera(() => openHttpCamera(url.url), keeping)
    case 'file':
      return openFileCamera(url)
  }
}
