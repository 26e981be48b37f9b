import type { Camera, Frame } from '../ports/camera.js'
import type { Decode, Decoder } from '../ports/decoder.js'

/** @param decodes every code that was read in the frame */
export type DecodeHook = (frame: Frame, decodes: readonly Decode[]) => void

export interface ScanLoopParts {
  readonly camera: Camera
  readonly decoder: Decoder
  /** One look: a frame and what was read in it. */
  readonly onLook: DecodeHook
  readonly onCameraLost: (reason: string) => void
  /** The first frame after a loss. */
  readonly onCameraBack?: () => void
  readonly onDecoderFault: (fault: unknown) => void
}

export interface ScanLoop {
  /** Frames that were never looked at because a newer one came first. */
  readonly droppedFrames: number
  /** Resolves when every frame that has come so far was looked at, or overtaken. */
  settled(): Promise<void>
  /** Stops looking and waits for a look that is under way; camera and decoder stay open, they are their owner's. */
  close(): Promise<void>
}

/**
 * Looks through the camera: one frame at a time, always the newest. A frame that arrives during a look takes the
 * place of the one that waits, so that a slow decoder sees fewer frames, never old ones.
 */
export function startScanLoop(parts: ScanLoopParts): ScanLoop {
  let waiting: Frame | undefined
  let looking: Promise<void> | undefined
  let droppedFrames = 0
  let closed = false
  let cameraLost = false

  async function look(): Promise<void> {
    while (waiting && !closed) {
      const frame = waiting
      waiting = undefined
      try {
        const decodes = await parts.decoder.decode(frame)
        if (!closed) parts.onLook(frame, decodes)
      } catch (fault) {
        if (!closed) parts.onDecoderFault(fault)
      }
    }
  }

  function lookNow(): void {
    looking ??= look().finally(() => {
      looking = undefined
      if (waiting && !closed) lookNow()
    })
  }

  const stopFrames = parts.camera.onFrame((frame) => {
    if (closed) return
    if (cameraLost) parts.onCameraBack?.()
    cameraLost = false
    if (waiting) droppedFrames++
    waiting = frame
    lookNow()
  })
  const stopLost = parts.camera.onLost((reason) => {
    if (closed) return
    cameraLost = true
    parts.onCameraLost(reason)
  })
  return {
    get droppedFrames() {
      return droppedFrames
    },
    settled: async () => {
      while (looking) await looking
    },
    close: async () => {
      closed = true
      stopFrames()
      stopLost()
      await looking
    },
  }
}
