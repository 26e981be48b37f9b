/** A grey-scale picture: one byte a pixel, rows from the top, no padding. */
export interface Frame {
  readonly width: number
  readonly height: number
  readonly grey: Uint8Array
  /** When it was captured: `performance.timeOrigin + performance.now()` of this process, milliseconds. */
  readonly capturedAt: number
}

export interface Camera {
  /**
   * Frames as they arrive; a consumer that is slower than the camera misses frames, it never delays later ones.
   * @returns unsubscribe
   */
  onFrame(listener: (frame: Frame) => void): () => void
  /**
   * No frames come any more, and why. A camera that can come back keeps trying; the next frame says that it is back.
   * @returns unsubscribe
   */
  onLost(listener: (reason: string) => void): () => void
  /** Frames that the device took and that never reached us, as far as the driver can tell. */
  readonly droppedBuffers?: number
  /** The stream codes differences between frames (H.264 and others): a still scene repeats itself byte by byte. */
  readonly isInterFrameCoded?: boolean
  /** Resolves when a recording has been played to its end; a live camera has none. */
  readonly ended?: Promise<void>
  close(): Promise<void>
}
