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
  /** @returns unsubscribe */
  onLost(listener: (reason: string) => void): () => void
  close(): Promise<void>
}
