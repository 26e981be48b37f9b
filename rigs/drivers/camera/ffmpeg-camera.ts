import type { Camera, Frame } from '../../../reference/ports/camera.js'
import { PgmParser, type PgmPicture } from '../../../reference/pictures/pgm-parser.js'
import { CameraFeed, captureNow } from './camera-feed.js'
import { CameraUnavailable, messageOf } from './camera-errors.js'
import { FfmpegProcess } from './ffmpeg-process.js'
import { isBeyondBound, reasonOf } from './ffmpeg-reason.js'
import { FrameTimes, frameTimeOf } from './frame-times.js'
import { LARGEST_SIDE_PIXELS } from './picture-header.js'
import { StallWatch } from './stall-watch.js'

export interface FfmpegInput {
  /** For messages; without a password. */
  readonly name: string
  /** What stands before and with `-i`. */
  readonly args: readonly string[]
  readonly fps?: number
  /** The frames carry the kernel's monotonic time: captured then, and gaps are frames that were lost. */
  readonly kernelTimes?: boolean
  /** It may code differences between frames, as H.264 does. */
  readonly isInterFrameCoded?: boolean
  /** It plays to an end, which is no loss. */
  readonly isRecording?: boolean
  /** How long the first frame may take, wall milliseconds. Default 8 000. */
  readonly firstFrameMs?: number
  /** Wall seconds that a second takes on this machine: an emulated one is slow. Default 1. */
  readonly timeScale?: number
}

/** Frames that wait for their line in the log, or lines for their frames: never more than a few. */
const MOST_WAITING = 8

/** Grey PGM frames: each carries its size, for a driver may change it. */
const OUTPUT = ['-fps_mode', 'passthrough', '-f', 'image2pipe', '-c:v', 'pgm', 'pipe:1']

/** From the kernel's monotonic clock, which is also Node's, to the scale of `capturedAt`, milliseconds. */
const monotonicToCapture = () => captureNow() - Number(process.hrtime.bigint()) / 1e6

/**
 * A camera that an ffmpeg child reads. Its pipe is always drained. It is lost when the child ends, when what it writes
 * is no PGM, and when it stalls: then it is killed.
 * @throws CameraUnavailable when no first frame comes
 */
export async function openFfmpegCamera(input: FfmpegInput): Promise<Camera> {
  const feed = new CameraFeed()
  const times = new FrameTimes(input.fps)
  const lines: number[] = []
  const pictures: PgmPicture[] = []
  let lost = false
  let closed = false
  let opened: (() => void) | undefined
  let refused: ((error: Error) => void) | undefined
  let resolveEnded: (() => void) | undefined
  const ended = new Promise<void>((resolve) => (resolveEnded = resolve))

  function deliver(picture: PgmPicture, capturedAt: number): void {
    const frame: Frame = { ...picture, capturedAt }
    watch.frame()
    opened?.()
    feed.frame(frame)
  }
  /** The n-th line of the log belongs to the n-th frame; which of them arrives first is chance. */
  function pair(): void {
    while (pictures.length > 0 && lines.length > 0) {
      const seconds = lines.shift() as number
      times.take(seconds)
      deliver(pictures.shift() as PgmPicture, seconds * 1_000 + monotonicToCapture())
    }
    if (pictures.length > MOST_WAITING) lose('its frames carry no times: ffmpeg’s showinfo says none')
  }
  function lose(why: string, mend = 'plug it in again, or restart it'): void {
    if (lost || closed) return
    lost = true
    watch.end()
    void ffmpeg.kill()
    refused?.(new CameraUnavailable(input.name, why, mend))
    feed.lose(why)
  }

  const filters = `format=gray${input.kernelTimes ? ',showinfo=checksum=0' : ''}`
  const log = ['-loglevel', input.kernelTimes ? 'info' : 'error', '-nostats']
  const bounded = ['-max_pixels', String(LARGEST_SIDE_PIXELS ** 2)]
  const copy = input.kernelTimes ? ['-copyts'] : []
  const ffmpeg = new FfmpegProcess(
    [...log, ...bounded, ...input.args, '-an', ...copy, '-vf', filters, ...OUTPUT],
    (line) => {
      if (isBeyondBound(line)) {
        const bound = `${LARGEST_SIDE_PIXELS} × ${LARGEST_SIDE_PIXELS}`
        return lose(`its pictures have more pixels than ${bound}`, 'ask it for smaller ones')
      }
      const seconds = input.kernelTimes ? frameTimeOf(line) : undefined
      if (seconds === undefined) return
      lines.push(seconds)
      pair()
    },
  )
  const watch = new StallWatch(
    input.fps,
    input.firstFrameMs ?? 8_000,
    (silentMs) => lose(`it stalled: no frame for ${silentMs} ms`),
    input.timeScale,
  )
  const parser = new PgmParser((picture) => {
    if (!input.kernelTimes) return deliver(picture, captureNow())
    pictures.push(picture)
    pair()
  })
  ffmpeg.stdout.on('data', (chunk: Buffer) => {
    try {
      if (!lost) parser.push(chunk)
    } catch (malformed) {
      lose(messageOf(malformed))
    }
  })
  void ffmpeg.ended.then((end) => {
    if (input.isRecording && end.how === 'exit code 0' && opened === undefined && parser.isBetween) {
      watch.end()
      resolveEnded?.()
      feed.lose(`${input.name} has ended`)
      return
    }
    const { why, mend } = reasonOf(end)
    lose(why, mend)
  })

  await new Promise<void>((resolve, reject) => {
    opened = () => {
      opened = undefined
      refused = undefined
      resolve()
    }
    refused = reject
  }).catch(async (error: unknown) => {
    await ffmpeg.kill()
    throw error
  })
  return {
    onFrame: feed.onFrame,
    onLost: feed.onLost,
    get droppedBuffers() {
      return times.missing
    },
    ...(input.isInterFrameCoded && { isInterFrameCoded: true }),
    ...(input.isRecording && { ended }),
    close: async () => {
      closed = true
      feed.close()
      watch.end()
      await ffmpeg.kill()
    },
  }
}
