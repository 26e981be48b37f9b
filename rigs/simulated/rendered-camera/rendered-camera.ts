import { createServer, type AddressInfo, type Socket } from 'node:net'
import { framePng } from '../../../reference/pictures/frame-png.js'
import { throughFaultyLens, type LensFault } from './camera-faults.js'
import type { Device } from './device-screen.js'
import type { Pose } from './pose.js'
import { emptyScene, sceneWithDevice } from './scene.js'
import { drawSticker } from './sticker.js'
import { sceneWithTwo } from './two-devices.js'
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
  /** Of the sensor, grey levels (standard deviation). */
  readonly noise?: number
  /** Something is wrong with the lens. */
  readonly lensFault?: LensFault
}

export interface ScreenTimeout {
  /** After so many frames the device's screen goes dark by itself. */
  readonly screenOffAfterFrames?: number
}

export interface RenderedCamera {
  /** PGM (P5) frames over loopback TCP, to whoever connects. */
  readonly stream: { readonly host: string; readonly port: number }
  /**
   * Holds a device that shows the picture before the camera; resolves when the next frame will show it.
   * @param beside a second device beside it shows this
   */
  show(picturePng: Buffer, device: Device, pose?: Pose & ScreenTimeout, beside?: Buffer): Promise<void>
  /** Takes the devices away. */
  hide(): void
  /** Sticks a printed code beside the lens, in front of everything; undefined takes it off. */
  stick(picturePng: Buffer | undefined): Promise<void>
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
  noise,
  lensFault,
}: RenderedCameraOptions): Promise<RenderedCamera> {
  const size = { width, height }
  const header = Buffer.from(`P5\n${width} ${height}\n255\n`)
  const sense = createSensor(size, seed, noise)
  const seen = (scene: Uint8Array) => (lensFault ? throughFaultyLens(scene, size, lensFault) : scene)
  let withSticker = (scene: Uint8Array) => scene
  const readers = new Set<Socket>()
  const empty = seen(emptyScene(size))
  let scene = empty
  let latest: Uint8Array | undefined
  let timeout: { readonly dark: Uint8Array; framesLeft: number } | undefined
  /** Counts what was asked of the scene, so that a picture that loads slowly never replaces a later one. */
  let asked = 0
  let timer: NodeJS.Timeout | undefined

  function expose(): Uint8Array {
    if (timeout && timeout.framesLeft-- <= 0) {
      scene = timeout.dark
      timeout = undefined
    }
    return (latest = sense(withSticker(scene)))
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
    show: async (picturePng, device, pose, beside) => {
      const turn = ++asked
      const framesLeft = pose?.screenOffAfterFrames
      const drawn = seen(
        beside === undefined
          ? await sceneWithDevice(size, picturePng, device, pose)
          : await sceneWithTwo(size, [picturePng, beside], device, pose),
      )
      const dark =
        framesLeft === undefined
          ? undefined
          : seen(await sceneWithDevice(size, picturePng, device, { ...pose, screenOff: true }))
      if (turn !== asked) return
      scene = drawn
      timeout = dark && framesLeft !== undefined ? { dark, framesLeft } : undefined
      latest = undefined
    },
    hide: () => {
      asked++
      scene = empty
      timeout = undefined
      latest = undefined
    },
    stick: async (picturePng) => {
      withSticker = picturePng === undefined ? (scene) => scene : await drawSticker(size, picturePng)
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
