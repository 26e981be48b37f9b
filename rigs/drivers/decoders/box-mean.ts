import type { Pixels } from './worker-protocol.js'

/**
 * The mean over a square of 2 × radius + 1 pixels around each, at the borders over what there is of it repeated. The
 * time does not depend on the radius: column sums move down, a window moves along them.
 */
export function boxMean({ width, height, grey }: Pixels, radius: number): Uint8Array<ArrayBuffer> {
  const mean = new Uint8Array(width * height)
  const columns = new Int32Array(width)
  const rowAt = (y: number) => (y < 0 ? 0 : y >= height ? height - 1 : y) * width
  for (let y = -radius; y <= radius; y++) {
    const row = rowAt(y)
    for (let x = 0; x < width; x++) columns[x] = (columns[x] ?? 0) + (grey[row + x] ?? 0)
  }
  const share = 1 / (2 * radius + 1) ** 2
  const last = width - 1
  for (let y = 0; y < height; y++) {
    let sum = (columns[0] ?? 0) * (radius + 1)
    for (let x = 1; x <= radius; x++) sum += columns[x < last ? x : last] ?? 0
    const out = y * width
    for (let x = 0; x < width; x++) {
      mean[out + x] = sum * share
      const enters = x + radius + 1
      const leaves = x - radius
      sum += (columns[enters < last ? enters : last] ?? 0) - (columns[leaves > 0 ? leaves : 0] ?? 0)
    }
    const enters = rowAt(y + radius + 1)
    const leaves = rowAt(y - radius)
    for (let x = 0; x < width; x++) {
      columns[x] = (columns[x] ?? 0) + (grey[enters + x] ?? 0) - (grey[leaves + x] ?? 0)
    }
  }
  return mean
}
