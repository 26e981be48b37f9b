import type { SKRSContext2D } from '@napi-rs/canvas'
import type { UnlockStep } from '../contracts/vehicle-link.js'

/** What a step is called on the screen, in the order in which they come. */
const STEPS: readonly (readonly [UnlockStep, string])[] = [
  ['requested', '申请预约'],
  ['accepted', '车锁确认'],
  ['code-sent', '开锁码送达'],
  ['unlocked', '车锁打开'],
  ['occupied', '车辆停入'],
]
const NOTHING_MORE: Readonly<Partial<Record<UnlockStep, string>>> = {
  ended: '开锁流程已结束',
  refused: '开锁流程未成功',
}
const RADIUS = 17

export interface StepperStyle {
  readonly left: number
  readonly width: number
  /** Of the dots; their names stand below. */
  readonly centreY: number
  readonly ink: string
  readonly faintInk: string
  readonly doneColour: string
  readonly font: (sizePixels: number, weight?: 400 | 700) => string
}

/** Draws how far the unlocking has come: filled dots are done, the last of them with its name in bold. */
export function drawUnlockStepper(context: SKRSContext2D, step: UnlockStep, style: StepperStyle): void {
  const { left, width, centreY, ink, faintInk, doneColour, font } = style
  context.textAlign = 'center'
  context.textBaseline = 'middle'
  const end = NOTHING_MORE[step]
  if (end !== undefined) {
    context.fillStyle = faintInk
    context.font = font(30)
    context.fillText(end, left + width / 2, centreY + RADIUS)
    return
  }
  const reached = STEPS.findIndex(([name]) => name === step)
  const slot = width / STEPS.length
  const centreX = (i: number) => left + slot * (i + 0.5)
  for (const [i, [, name]] of STEPS.entries()) {
    const done = i <= reached
    context.strokeStyle = done ? doneColour : faintInk
    context.fillStyle = context.strokeStyle
    context.lineWidth = 3
    if (i > 0) {
      context.beginPath()
      context.moveTo(centreX(i - 1) + RADIUS + 6, centreY)
      context.lineTo(centreX(i) - RADIUS - 6, centreY)
      context.stroke()
    }
    context.beginPath()
    context.arc(centreX(i), centreY, RADIUS, 0, 2 * Math.PI)
    if (done) context.fill()
    else context.stroke()
    context.fillStyle = done ? '#08111c' : faintInk
    context.font = font(20, 700)
    context.fillText(String(i + 1), centreX(i), centreY)
    context.fillStyle = i === reached ? ink : faintInk
    context.font = font(24, i === reached ? 700 : 400)
    context.fillText(name, centreX(i), centreY + RADIUS + 26)
  }
}
