import { setTimeout as delay } from 'node:timers/promises'
import type { Camera } from '../../../reference/ports/camera.js'
import { CameraFeed } from './camera-feed.js'
import { messageOf } from './camera-errors.js'

export interface KeepOptions {
  /** The first wait before a lost camera is tried again, and the longest, wall milliseconds. */
  readonly firstWaitMs?: number
  readonly longestWaitMs?: number
  /** Waits; a test has its own. Rejects when the signal aborts. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>
}

/**
 * A camera that comes back: when it is lost (unplugged, stalled, closed by the other side) it is opened again, with
 * twice the wait after each failure, until it is closed. What was dropped before counts on.
 * @throws whatever `open` throws at the first time: a camera that never was there is no camera that was lost
 */
export async function keepCamera(
  open: () => Promise<Camera>,
  {
    firstWaitMs = 250,
    longestWaitMs = 5_000,
    wait = (ms, signal) => delay(ms, undefined, { signal }),
  }: KeepOptions = {},
): Promise<Camera> {
  const feed = new CameraFeed()
  const closing = new AbortController()
  let waitMs = firstWaitMs
  let current: Camera | undefined
  let droppedBefore = 0
  let reopening: Promise<void> | undefined

  function attach(camera: Camera): void {
    current = camera
    camera.onFrame((frame) => {
      waitMs = firstWaitMs
      feed.frame(frame)
    })
    camera.onLost((reason) => {
      if (current !== camera) return
      current = undefined
      droppedBefore += camera.droppedBuffers ?? 0
      feed.lose(reason)
      reopening = camera.close().then(reopen)
    })
  }

  async function reopen(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        await wait(waitMs, closing.signal)
      } catch {
        return
      }
      waitMs = Math.min(longestWaitMs, 2 * waitMs)
      try {
        const camera = await open()
        if (closing.signal.aborted) return await camera.close()
        return attach(camera)
      } catch (error) {
        feed.lose(messageOf(error))
      }
    }
  }

  const first = await open()
  attach(first)
  return {
    ...(first.isInterFrameCoded && { isInterFrameCoded: true }),
    onFrame: feed.onFrame,
    onLost: feed.onLost,
    get droppedBuffers() {
      return droppedBefore + (current?.droppedBuffers ?? 0)
    },
    close: async () => {
      closing.abort()
      feed.close()
      await reopening
      await current?.close()
    },
  }
}
