import { readdir, readFile, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import type { Camera } from '../../../reference/ports/camera.js'
import { CameraFeed, captureNow } from './camera-feed.js'
import { CameraUnavailable, messageOf } from './camera-errors.js'
import type { CameraUrl } from './camera-url.js'
import { decodePicture } from './decode-picture.js'
import { openFfmpegCamera } from './ffmpeg-camera.js'

type FileUrl = Extract<CameraUrl, { kind: 'file' }>

const PICTURES = new Set(['.png', '.jpg', '.jpeg', '.pgm'])
const DEFAULT_FPS = 8
/** A barcode wants two agreeing frames; a single picture is shown so often unless the URL says otherwise. */
const SINGLE_PICTURE_LOOPS = 3

const isPicture = (file: string) => PICTURES.has(extname(file).toLowerCase())

/**
 * A picture, a folder of pictures (in the order of their names, numbers as numbers), or a video, shown at a rate. It
 * ends when all has been shown as often as `loop` says: a folder and a video once.
 * @throws CameraUnavailable
 */
export async function openFileCamera({ path, fps, loop }: FileUrl): Promise<Camera> {
  const name = `file:${path}`
  const mend = 'give a PNG, JPEG or PGM, a folder of them, or a video'
  const found = await stat(path).catch((cause: unknown) => {
    throw new CameraUnavailable(name, 'it is not there', mend, { cause })
  })
  if (!found.isDirectory() && !isPicture(path)) {
    const again = loop === undefined ? 0 : loop === Infinity ? -1 : loop - 1
    const rate = fps === undefined ? [] : ['-r', String(fps)]
    return openFfmpegCamera({
      name,
      args: [
        '-protocol_whitelist',
        'file',
        '-stream_loop',
        String(again),
        '-re',
        ...rate,
        '-i',
        `file:${path}`,
      ],
      isRecording: true,
      ...(fps !== undefined && { fps }),
    })
  }
  const order = new Intl.Collator('en', { numeric: true })
  const files = found.isDirectory()
    ? (await readdir(path))
        .filter(isPicture)
        .sort(order.compare)
        .map((file) => join(path, file))
    : [path]
  const [first] = files
  if (first === undefined) throw new CameraUnavailable(name, 'it holds no picture', mend)
  const decoded = await decodeFile(first).catch((cause: unknown) => {
    throw new CameraUnavailable(first, messageOf(cause), mend, { cause })
  })
  return showPictures(
    name,
    files,
    decoded,
    fps ?? DEFAULT_FPS,
    loop ?? (found.isDirectory() ? 1 : SINGLE_PICTURE_LOOPS),
  )
}

const decodeFile = async (file: string) => decodePicture(await readFile(file))

function showPictures(
  name: string,
  files: readonly string[],
  first: Awaited<ReturnType<typeof decodeFile>>,
  fps: number,
  loops: number,
): Camera {
  const feed = new CameraFeed()
  let shown = 0
  let timer: NodeJS.Timeout | undefined
  let closed = false
  let resolveEnded: (() => void) | undefined
  const ended = new Promise<void>((resolve) => (resolveEnded = resolve))

  async function showNext(): Promise<void> {
    const begun = performance.now()
    const file = files[shown % files.length]
    try {
      // The first is at hand; a single picture is read once.
      const picture = file === files[0] ? first : await decodeFile(file as string)
      if (closed) return
      feed.frame({ ...picture, grey: picture.grey.slice(), capturedAt: captureNow() })
    } catch (error) {
      feed.lose(`${file}: ${messageOf(error)}`)
      return
    }
    shown++
    if (shown >= files.length * loops) {
      resolveEnded?.()
      feed.lose(`${name} has ended`)
      return
    }
    timer = setTimeout(() => void showNext(), Math.max(0, 1_000 / fps - (performance.now() - begun)))
  }
  return {
    // Nothing is shown before somebody looks: all of it shall be seen.
    onFrame: (listener) => {
      timer ??= setTimeout(() => void showNext(), 0)
      return feed.onFrame(listener)
    },
    onLost: feed.onLost,
    ended,
    close: async () => {
      closed = true
      clearTimeout(timer)
      feed.close()
    },
  }
}
