import type { Pixels } from './worker-protocol.js'

/** RGBA, as the decoders' libraries take it. */
export function toRgba({ grey }: Pixels): Uint8ClampedArray<ArrayBuffer> {
  const rgba = new Uint8ClampedArray(grey.length * 4)
  const words = new Uint32Array(rgba.buffer)
  // Grey in all four bytes at once; alpha is whatever it is, no decoder looks at it.
  for (let i = 0; i < grey.length; i++) words[i] = (grey[i] ?? 0) * 0x01010101
  return rgba
}

/** Half the size: each pixel the mean of four, which also takes half of the sensor's noise away. */
export function halve({ width, height, grey }: Pixels): Pixels {
  const w = width >> 1
  const h = height >> 1
  const half = new Uint8Array(w * h)
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const at = 2 * y * width + 2 * x
      const sum =
        (grey[at] ?? 0) + (grey[at + 1] ?? 0) + (grey[at + width] ?? 0) + (grey[at + width + 1] ?? 0)
      half[y * w + x] = sum >> 2
    }
  }
  return { width: w, height: h, grey: half }
}

/** The mean of 3 × 3 pixels; the outermost ones stay as they are. */
export function blur({ width, height, grey }: Pixels): Pixels {
  const rows = Uint16Array.from(grey)
  for (let i = 1; i < grey.length - 1; i++) {
    rows[i] = (grey[i - 1] ?? 0) + (grey[i] ?? 0) + (grey[i + 1] ?? 0)
  }
  const blurred = Uint8Array.from(grey)
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x
      blurred[at] = ((rows[at - width] ?? 0) + (rows[at] ?? 0) + (rows[at + width] ?? 0)) / 9
    }
  }
  return { width, height, grey: blurred }
}
