import { boxMean } from './box-mean.js'
import type { Pixels } from './worker-protocol.js'

const clamp = (value: number) => (value < 0 ? 0 : value > 255 ? 255 : value)

/**
 * The same contrast everywhere: each pixel against the mean of its neighbourhood, in units of the neighbourhood's own
 * spread. Takes away glare's veil, shadows, a screen that is hardly lit.
 * @param radius of the neighbourhood, pixels: some modules of the symbol
 */
export function levelContrast(pixels: Pixels, radius: number): Pixels {
  const { grey } = pixels
  const mean = boxMean(pixels, radius)
  const away = new Uint8Array(grey.length)
  for (let i = 0; i < grey.length; i++) away[i] = Math.abs((grey[i] ?? 0) - (mean[i] ?? 0))
  const spread = boxMean({ ...pixels, grey: away }, radius)
  // 45 levels of spread use the range well; the 3 keep noise on an even surface from becoming a pattern.
  for (let i = 0; i < grey.length; i++) {
    away[i] = clamp(128 + (((grey[i] ?? 0) - (mean[i] ?? 0)) * 45) / ((spread[i] ?? 0) + 3))
  }
  return { ...pixels, grey: away }
}

/** The mean of squares: takes noise and the moiré's fine bands away. */
export function smooth(pixels: Pixels, radius: number): Pixels {
  return { ...pixels, grey: boxMean(pixels, radius) }
}

/** Unsharp mask: undoes some of the lens's blur. @param radius about that of the blur, pixels */
export function sharpen(pixels: Pixels, radius: number, amount: number): Pixels {
  const mean = boxMean(pixels, radius)
  const { grey } = pixels
  for (let i = 0; i < grey.length; i++) {
    const own = grey[i] ?? 0
    mean[i] = clamp(own + amount * (own - (mean[i] ?? 0)))
  }
  return { ...pixels, grey: mean }
}

/** Twice the size, straight lines between the pixels: a code that is far away has modules finer than a pixel or two. */
export function enlarge({ width, height, grey }: Pixels): Pixels {
  const w = 2 * width
  const h = 2 * height
  const large = new Uint8Array(w * h)
  for (let y = 0; y < h; y++) {
    const fy = Math.max(0, (y - 0.5) / 2)
    const top = Math.floor(fy)
    const upper = top * width
    const lower = Math.min(height - 1, top + 1) * width
    const v = fy - top
    for (let x = 0; x < w; x++) {
      const fx = Math.max(0, (x - 0.5) / 2)
      const left = Math.floor(fx)
      const right = left + 1 < width ? left + 1 : left
      const u = fx - left
      large[y * w + x] =
        ((grey[upper + left] ?? 0) * (1 - u) + (grey[upper + right] ?? 0) * u) * (1 - v) +
        ((grey[lower + left] ?? 0) * (1 - u) + (grey[lower + right] ?? 0) * u) * v
    }
  }
  return { width: w, height: h, grey: large }
}

/** Dark becomes light. */
export function invert(pixels: Pixels): Pixels {
  return { ...pixels, grey: pixels.grey.map((level) => 255 - level) }
}
