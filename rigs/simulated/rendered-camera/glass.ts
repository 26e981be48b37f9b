import type { SKRSContext2D } from '@napi-rs/canvas'

/** A rectangle on the screen, in the units of the context. */
export interface Area {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** Cracks that start where the glass was hit, somewhere over the code, and run beyond it. */
export function drawCracks(context: SKRSContext2D, area: Area, strength: number, random: () => number): void {
  const hit = {
    x: area.left + area.width * (0.2 + 0.6 * random()),
    y: area.top + area.height * (0.2 + 0.6 * random()),
  }
  const reach = Math.max(area.width, area.height)
  const cracks = Math.round(4 + 26 * strength)
  for (let i = 0; i < cracks; i++) {
    let { x, y } = hit
    let direction = ((i + random()) / cracks) * 2 * Math.PI
    context.beginPath()
    context.moveTo(x, y)
    for (let step = 0; step < 7; step++) {
      direction += (random() - 0.5) * 0.9
      const length = reach * 0.13 * (0.5 + random())
      x += Math.cos(direction) * length
      y += Math.sin(direction) * length
      context.lineTo(x, y)
    }
    context.lineWidth = reach * (0.002 + 0.005 * strength * random())
    // A crack mirrors the light of the screen, or shows the dark beside it.
    context.strokeStyle = random() < 0.5 ? '#f4f4f4' : '#303030'
    context.stroke()
  }
}

/** A thumb over the lower edge of the code. */
export function drawFinger(context: SKRSContext2D, area: Area, share: number, random: () => number): void {
  const width = area.width * (0.3 + 0.3 * share)
  const left = area.left + (area.width - width) * random()
  const top = area.top + area.height * (1 - share)
  context.fillStyle = '#b98d73'
  context.beginPath()
  context.roundRect(left, top, width, area.height * (share + 0.6), width / 2)
  context.fill()
  context.fillStyle = '#d8b7a5'
  context.beginPath()
  context.roundRect(left + width * 0.2, top + width * 0.08, width * 0.6, width * 0.55, width * 0.2)
  context.fill()
}
