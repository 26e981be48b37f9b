import { connect } from 'node:net'
import type { Camera, Frame } from '../../../reference/ports/camera.js'
import { PgmParser } from '../../../reference/pictures/pgm-parser.js'
import { RigFault } from '../../../reference/ports/faults.js'

export interface FrameStreamAddress {
  readonly host: string
  readonly port: number
}

/** Thrown when nobody sends frames at the address. */
export class FrameStreamUnreachable extends RigFault {
  override readonly name = 'FrameStreamUnreachable'
  constructor({ host, port }: FrameStreamAddress, cause: unknown) {
    super(`no camera stream at ${host}:${port}; is the camera's process running?`, { cause })
  }
}

const now = () => performance.timeOrigin + performance.now()

/**
 * A camera whose frames come as PGM pictures over TCP. It always drains the stream, so that a slow consumer gets fewer
 * frames and never old ones. A stream that ends or is malformed is a lost camera, with the reason.
 * @param connectTimeoutMs wall milliseconds
 * @throws FrameStreamUnreachable
 */
export async function openFrameStream(
  address: FrameStreamAddress,
  { connectTimeoutMs = 5_000 } = {},
): Promise<Camera> {
  const frames = new Set<(frame: Frame) => void>()
  const losses = new Set<(reason: string) => void>()
  const socket = connect(address.port, address.host)
  await new Promise<void>((resolve, reject) => {
    const limit = setTimeout(
      () => socket.destroy(new Error(`no connection in ${connectTimeoutMs} ms`)),
      connectTimeoutMs,
    )
    socket.once('connect', () => (clearTimeout(limit), resolve()))
    socket.once('error', (cause) => (clearTimeout(limit), reject(new FrameStreamUnreachable(address, cause))))
  })
  let lost: string | undefined
  let closed = false
  function lose(reason: string): void {
    if (lost !== undefined || closed) return
    lost = reason
    socket.destroy()
    for (const listener of losses) listener(reason)
  }
  const parser = new PgmParser((picture) => {
    const frame: Frame = { ...picture, capturedAt: now() }
    for (const listener of frames) listener(frame)
  })
  socket.on('data', (chunk: Buffer) => {
    try {
      parser.push(chunk)
    } catch (malformed) {
      lose(malformed instanceof Error ? malformed.message : String(malformed))
    }
  })
  socket.on('error', (error) => lose(`the camera's stream broke: ${error.message}`))
  socket.on('close', () =>
    lose(
      parser.isBetween ? "the camera's stream ended" : "the camera's stream ended in the middle of a frame",
    ),
  )

  return {
    onFrame: (listener) => {
      frames.add(listener)
      return () => frames.delete(listener)
    },
    onLost: (listener) => {
      losses.add(listener)
      // A loss before anybody listened is told all the same.
      if (lost !== undefined)
        queueMicrotask(() => lost !== undefined && losses.has(listener) && listener(lost))
      return () => losses.delete(listener)
    },
    close: async () => {
      closed = true
      if (socket.closed) return
      const gone = new Promise<void>((resolve) => socket.once('close', () => resolve()))
      socket.destroy()
      await gone
    },
  }
}
