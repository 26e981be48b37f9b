import { createServer, type AddressInfo, type Socket } from 'node:net'
import { framePng } from '../../../reference/pictures/frame-png.js'
import type { Device } from './device-screen.js'
import type { Pose } from './pose.js'
import { emptyScene, sceneWithDevice } from './scene.js'
import { createSensor } from './sensor.js'

export type { Device } from './device-screen.js'
export type { Pose } from './pose.js'

export interface RenderedCameraOptions {
  /** Pixels. Default 640 × 480. */
  readonly width?: number
  readonly height?: number
  /** Frames a second, 1…60. Default 8. */
  readonly fps?: number
  /** The same seed gives the same frames. */
  readonly seed: number
}

export interface RenderedCamera {
  /** PGM (P5) frames over loopback TCP, to whoever connects. */
  readonly stream: { readonly host: string; readonly port: number }
  /** Holds a device that shows the picture before the camera; resolves when the next frame will show it. */
  show(picturePng: Buffer, device: Device, pose?: Pose): Promise<void>
  /** Takes the device away. */
  hide(): void
  /** What the camera saw last of the present scene, as a PNG for people. */
  latestFramePng(): Buffer
  close(): Promise<void>
}

/**
 * A camera that looks at a rendered phone or tablet: what leaves it is frames and nothing else, so the code reaches a
 * scanner as light only. Frames are drawn while somebody is connected; a slow reader gets fewer of them.
 */
export async function startRenderedCamera({
  width = 640,
  height = 480,
  fps = 8,
  seed,
}: RenderedCameraOptions): Promise<RenderedCamera> {
  const size = { width, height }
  const header = Buffer.from(`P5\n${width} ${height}\n255\n`)
  const sense = createSensor(size, seed)
  const readers = new Set<Socket>()
  const empty = emptyScene(size)
  let scene = empty
  let latest: Uint8Array | undefined
  /** Counts what was asked of the scene, so that a picture that loads slowly never replaces a later one. */
  let asked = 0
  let timer: NodeJS.Timeout | undefined

  function expose(): Uint8Array {
    return (latest = sense(scene))
  }
  function send(): void {
    const free = [...readers].filter((reader) => !reader.writableNeedDrain)
    if (free.length === 0) return
    const frame = expose()
    for (const reader of free) {
      reader.cork()
      reader.write(header)
      reader.write(frame)
      reader.uncork()
    }
  }
  const server = createServer((reader) => {
    readers.add(reader)
    timer ??= setInterval(send, 1_000 / fps)
    // A reader that goes away in the middle of a frame is its own affair.
    reader.on('error', () => reader.destroy())
    reader.on('close', () => {
      readers.delete(reader)
      if (readers.size > 0) return
      clearInterval(timer)
      timer = undefined
    })
    reader.resume()
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    stream: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    show: async (picturePng, device, pose) => {
      const turn = ++asked
      const drawn = await sceneWithDevice(size, picturePng, device, pose)
      if (turn !== asked) return
      scene = drawn
      latest = undefined
    },
    hide: () => {
      asked++
      scene = empty
      latest = undefined
    },
    latestFramePng: () => framePng({ width, height, grey: latest ?? expose() }),
    close: async () => {
      clearInterval(timer)
      for (const reader of readers) reader.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
