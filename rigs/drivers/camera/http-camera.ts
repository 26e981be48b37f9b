import { request as plainRequest, type IncomingMessage } from 'node:http'
import { request as secureRequest } from 'node:https'
import type { Camera } from '../../../reference/ports/camera.js'
import { CameraFeed, captureNow } from './camera-feed.js'
import { CameraUnavailable, messageOf } from './camera-errors.js'
import { withoutPassword } from './camera-url.js'
import { openFfmpegCamera } from './ffmpeg-camera.js'
import { boundaryOf, MjpegParser } from './mjpeg-parser.js'
import { openPictureDecoder } from './picture-decoder.js'
import { readPictureHeader } from './picture-header.js'
import { StallWatch } from './stall-watch.js'

/** A camera that sends so many damaged pictures in a row sends no others. */
const MOST_DAMAGED = 5
const FIRST_FRAME_MS = 8_000

function answerOf(url: URL, name: string): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? secureRequest : plainRequest
  return new Promise((resolve, reject) => {
    const asked = request(url, { timeout: FIRST_FRAME_MS }, resolve)
    asked.on('timeout', () => asked.destroy(new Error(`no answer in ${FIRST_FRAME_MS} ms`)))
    asked.on('error', (error) =>
      reject(
        new CameraUnavailable(name, messageOf(error), 'start the camera, and check host and port', {
          cause: error,
        }),
      ),
    )
    asked.end()
  })
}

/**
 * A network camera: MJPEG (multipart/x-mixed-replace) is read here, any other video by ffmpeg. Of the pictures that
 * arrive while one is being decoded only the newest is kept.
 * @throws CameraUnavailable when no first frame comes
 */
export async function openHttpCamera(url: URL): Promise<Camera> {
  const name = withoutPassword(url.href)
  const answer = await answerOf(url, name)
  const contentType = answer.headers['content-type'] ?? ''
  const boundary = boundaryOf(contentType)
  if (answer.statusCode === 200 && /^multipart\/x-mixed-replace/i.test(contentType) && boundary) {
    return readMjpeg(name, answer, boundary)
  }
  answer.destroy()
  if (answer.statusCode === 200 && /^multipart\//i.test(contentType))
    throw new CameraUnavailable(
      name,
      `its stream names no boundary (${contentType})`,
      'it must say Content-Type: multipart/x-mixed-replace; boundary=…',
    )
  if (answer.statusCode !== 200) {
    const mend = answer.statusCode === 401 ? 'put its user and password into the URL' : 'check the path'
    throw new CameraUnavailable(name, `it answers with status ${answer.statusCode}`, mend)
  }
  if (!/^(video\/|application\/(octet-stream|ogg|x-mpegurl|vnd\.apple))/i.test(contentType)) {
    throw new CameraUnavailable(
      name,
      `it answers with ${contentType || 'no content type'}`,
      'give the URL of its MJPEG stream (multipart/x-mixed-replace) or video',
    )
  }
  const protocols = ['-protocol_whitelist', 'http,https,tcp,tls,crypto']
  return openFfmpegCamera({
    name,
    isInterFrameCoded: true,
    args: [...protocols, '-fflags', 'nobuffer', '-flags', 'low_delay', '-i', url.href],
  })
}

async function readMjpeg(name: string, answer: IncomingMessage, boundary: string): Promise<Camera> {
  const feed = new CameraFeed()
  const decoder = openPictureDecoder()
  let waiting: { readonly bytes: Buffer; readonly capturedAt: number } | undefined
  let decoding: Promise<void> | undefined
  /** Damaged pictures since the last good one. */
  let damaged = { count: 0, last: '' }
  let droppedBuffers = 0
  let lost = false
  let settle: { readonly opened: () => void; readonly refused: (error: Error) => void } | undefined

  function lose(why: string): void {
    if (lost) return
    lost = true
    watch.end()
    answer.destroy()
    void decoder.close()
    settle?.refused(new CameraUnavailable(name, why, 'look at the stream with a browser'))
    feed.lose(why)
  }
  async function decodeNewest(): Promise<void> {
    while (waiting && !lost) {
      const { bytes, capturedAt } = waiting
      waiting = undefined
      try {
        const picture = await decoder.decode(bytes)
        damaged = { count: 0, last: '' }
        if (lost) return
        watch.frame()
        settle?.opened()
        feed.frame({ ...picture, capturedAt })
      } catch (error) {
        if (!lost) damage(error)
      }
    }
  }
  function damage(error: unknown): void {
    droppedBuffers++
    damaged = { count: damaged.count + 1, last: messageOf(error) }
    if (damaged.count >= MOST_DAMAGED) lose(damaged.last)
  }
  const watch = new StallWatch(undefined, FIRST_FRAME_MS, (silentMs) =>
    lose(`it stalled: no frame for ${silentMs} ms`),
  )
  const parser = new MjpegParser(boundary, (bytes) => {
    try {
      readPictureHeader(bytes)
    } catch (error) {
      return damage(error)
    }
    if (waiting) droppedBuffers++
    waiting = { bytes: Buffer.from(bytes), capturedAt: captureNow() }
    decoding ??= decodeNewest().finally(() => (decoding = undefined))
  })
  answer.on('data', (chunk: Buffer) => {
    try {
      if (!lost) parser.push(chunk)
    } catch (malformed) {
      lose(messageOf(malformed))
    }
  })
  answer.on('error', (error) => lose(`the stream broke: ${error.message}`))
  // What came before the end still counts.
  answer.on('close', () => {
    const after = damaged.count > 0 ? `; its last picture was ${damaged.last}` : ''
    void (decoding ?? Promise.resolve()).then(() => lose(`the camera's stream ended${after}`))
  })

  await new Promise<void>((opened, refused) => {
    settle = { opened, refused }
  })
  settle = undefined
  return {
    onFrame: feed.onFrame,
    onLost: feed.onLost,
    get droppedBuffers() {
      return droppedBuffers
    },
    close: async () => {
      feed.close()
      lost = true
      watch.end()
      answer.destroy()
      await decoder.close()
      await decoding
    },
  }
}
