import type { Frame } from '../../../reference/ports/camera.js'
import type { Decode } from '../../../reference/ports/decoder.js'

/** A hand moves a code by about its own size in this time, milliseconds between capture times. */
const FOLLOWED_FOR_MS = 700
/** Room around the last hit on every side, share of its longer side. */
const ROOM = 0.5
/** A symbol that takes more of the frame than this is as fast to find in the whole. */
const LARGEST_SHARE = 0.6

/** Where the last code was is where the next frame most likely has it: a small cut that is fast to read. */
export class RegionOfInterest {
  #last: { readonly decode: Decode; readonly capturedAt: number } | undefined

  /** A cut of the frame around the last hit, with its place; undefined when there is nothing to follow. */
  cutFrom(frame: Frame): { readonly frame: Frame; readonly left: number; readonly top: number } | undefined {
    const last = this.#last
    if (!last || Math.abs(frame.capturedAt - last.capturedAt) > FOLLOWED_FOR_MS) return undefined
    const xs = last.decode.corners.map(({ x }) => x)
    const ys = last.decode.corners.map(({ y }) => y)
    if (xs.length < 3) return undefined
    const room = ROOM * Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys))
    const left = Math.max(0, Math.floor(Math.min(...xs) - room))
    const top = Math.max(0, Math.floor(Math.min(...ys) - room))
    const right = Math.min(frame.width, Math.ceil(Math.max(...xs) + room))
    const bottom = Math.min(frame.height, Math.ceil(Math.max(...ys) + room))
    const width = right - left
    const height = bottom - top
    if (width < 16 || height < 16) return undefined
    if (width * height > LARGEST_SHARE * frame.width * frame.height) return undefined
    const grey = new Uint8Array(width * height)
    for (let y = 0; y < height; y++) {
      const from = (top + y) * frame.width + left
      grey.set(frame.grey.subarray(from, from + width), y * width)
    }
    return { frame: { width, height, grey, capturedAt: frame.capturedAt }, left, top }
  }

  /** Follows a hit from here on. */
  hit(frame: Frame, decode: Decode): void {
    this.#last = { decode, capturedAt: frame.capturedAt }
  }
}

/** A decode in a cut, as a decode in the frame that it was cut from. */
export function shifted(decode: Decode, left: number, top: number): Decode {
  return { ...decode, corners: decode.corners.map(({ x, y }) => ({ x: x + left, y: y + top })) }
}
