import type { FrameSize } from './pose.js'

/** The edge of a shadow, pixels from full light to full shadow. */
const SHADOW_EDGE_PIXELS = 5

/** Dark bands of rows: a screen that is dimmed by switching, seen row by row (rolling shutter). */
export function addFlicker(
  grey: Uint8Array,
  { width, height }: FrameSize,
  depth: number,
  rows: number,
  phase: number,
): void {
  for (let y = 0; y < height; y++) {
    const light = 1 - depth * (0.5 + 0.5 * Math.cos(2 * Math.PI * (y / rows + phase)))
    const end = (y + 1) * width
    for (let at = y * width; at < end; at++) grey[at] = (grey[at] ?? 0) * light
  }
}

/** Half of the scene in shadow, its edge at any angle through the middle or a little beside it. */
export function addHalfShadow(
  grey: Uint8Array,
  { width, height }: FrameSize,
  depth: number,
  random: () => number,
): void {
  const turn = random() * 2 * Math.PI
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)]
  const beside = (random() - 0.5) * 0.2 * height
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const away = (x - width / 2) * cos + (y - height / 2) * sin - beside
      const share = Math.max(0, Math.min(1, 0.5 + away / SHADOW_EDGE_PIXELS))
      const at = y * width + x
      grey[at] = (grey[at] ?? 0) * (1 - depth * share)
    }
  }
}
