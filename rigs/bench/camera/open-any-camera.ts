import { drawCode } from '../../../reference/cloud/code-picture.js'
import type { Camera } from '../../../reference/ports/camera.js'
import type { HealthOptions } from '../../../reference/scanner/camera-health.js'
import { parseCameraUrl } from '../../drivers/camera/camera-url.js'
import { openCamera } from '../../drivers/camera/open-camera.js'
import { openFrameStream } from '../../drivers/frame-stream/frame-stream.js'
import { startRenderedCamera } from '../../simulated/rendered-camera/rendered-camera.js'
import { readRenderedSettings, SETTINGS } from './rendered-settings.js'

export interface OpenedCamera {
  readonly camera: Camera
  /** What its health is to be held against, as far as the URL says. */
  readonly health: HealthOptions
}

/** A still picture is no frozen camera; a video that codes differences repeats itself for up to a group of pictures. */
const NEVER = Number.POSITIVE_INFINITY
const GROUP_OF_PICTURES_FRAMES = 300

/**
 * Opens whatever a camera URL names, real or rendered.
 * @throws InvalidCameraUrl, CameraUnavailable
 */
export async function openAnyCamera(url: string): Promise<OpenedCamera> {
  const parsed = parseCameraUrl(url, SETTINGS)
  if (parsed.kind === 'rendered') return openRendered(parsed.settings)
  const camera = await openCamera(parsed)
  switch (parsed.kind) {
    case 'v4l2':
      return {
        camera,
        health: {
          ...(parsed.size && { size: parsed.size }),
          ...(parsed.fps !== undefined && { fps: parsed.fps }),
        },
      }
    case 'file':
      return { camera, health: { frozenFrames: camera.ended ? NEVER : 5 } }
    case 'http':
      return { camera, health: camera.isInterFrameCoded ? { frozenFrames: GROUP_OF_PICTURES_FRAMES } : {} }
  }
}

async function openRendered(given: ReadonlyMap<string, string>): Promise<OpenedCamera> {
  const { camera: options, text, symbology, device, pose } = readRenderedSettings(given)
  const rendered = await startRenderedCamera(options)
  try {
    if (text !== undefined) await rendered.show(Buffer.from(await drawCode(text, symbology)), device, pose)
    const frames = await openFrameStream(rendered.stream)
    const { width = 640, height = 480, fps } = options
    return {
      camera: {
        onFrame: (listener) => frames.onFrame(listener),
        onLost: (listener) => frames.onLost(listener),
        close: async () => {
          await frames.close()
          await rendered.close()
        },
      },
      health: { size: { width, height }, ...(fps !== undefined && { fps }) },
    }
  } catch (error) {
    await rendered.close()
    throw error
  }
}
