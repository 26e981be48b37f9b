import type { FrameSize } from './pose.js'

/** Mean over windows of 2 × radius + 1 pixels, three times each way: near to a Gaussian. A fraction is blended in. */
export function defocus(grey: Uint8Array, size: FrameSize, radius: number): void {
  const whole = Math.floor(radius)
  const part = radius - whole
  const before = part > 0 ? grey.slice() : undefined
  if (whole > 0) blurInPlace(grey, size, whole)
  if (!before) return
  const more = before.slice()
  blurInPlace(more, size, whole + 1)
  const less = grey.slice()
  for (let i = 0; i < grey.length; i++) grey[i] = (less[i] ?? 0) * (1 - part) + (more[i] ?? 0) * part
}

function blurInPlace(grey: Uint8Array, { width, height }: FrameSize, radius: number): void {
  const window = 2 * radius + 1
  const line = new Uint8Array(Math.max(width, height))
  function run(start: number, step: number, count: number): void {
    for (let i = 0; i < count; i++) line[i] = grey[start + i * step] ?? 0
    const at = (i: number) => line[i < 0 ? 0 : i >= count ? count - 1 : i] ?? 0
    let sum = 0
    for (let i = -radius; i <= radius; i++) sum += at(i)
    for (let i = 0; i < count; i++) {
      grey[start + i * step] = sum / window
      sum += at(i + radius + 1) - at(i - radius)
    }
  }
  for (let pass = 0; pass < 3; pass++) {
    for (let y = 0; y < height; y++) run(y * width, 1, width)
    for (let x = 0; x < width; x++) run(x, width, height)
  }
}

/** The mean along a line of so many pixels: the hand moved while the frame was exposed. */
export function motionBlur(
  grey: Uint8Array,
  { width, height }: FrameSize,
  pixels: number,
  radians: number,
): void {
  const before = grey.slice()
  const steps = Math.max(2, Math.ceil(pixels) + 1)
  const offsets = Array.from({ length: steps }, (_, i) => {
    const along = (i / (steps - 1) - 0.5) * pixels
    return { dx: Math.round(along * Math.cos(radians)), dy: Math.round(along * Math.sin(radians)) }
  })
  const within = (value: number, end: number) => (value < 0 ? 0 : value >= end ? end - 1 : value)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0
      for (const { dx, dy } of offsets) {
        sum += before[within(y + dy, height) * width + within(x + dx, width)] ?? 0
      }
      grey[y * width + x] = sum / steps
    }
  }
}

/** A lamp mirrored in the glass, and its veil over the rest of it. */
export function addGlare(
  grey: Uint8Array,
  { width, height }: FrameSize,
  strength: number,
  random: () => number,
) {
  const x0 = width * (0.5 + (random() - 0.5) * 0.35)
  const y0 = height * (0.5 + (random() - 0.5) * 0.35)
  const turn = random() * Math.PI
  const reach = height * (0.05 + 0.16 * strength)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [dx, dy] = [x - x0, y - y0]
      const along = (dx * Math.cos(turn) + dy * Math.sin(turn)) / (1.8 * reach)
      const across = (dy * Math.cos(turn) - dx * Math.sin(turn)) / reach
      const light = 430 * Math.exp(-(along * along + across * across)) + 45 * strength
      const at = y * width + x
      grey[at] = Math.min(255, (grey[at] ?? 0) + light * Math.min(1, 0.4 + strength))
    }
  }
}
