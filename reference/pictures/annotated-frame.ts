import { createCanvas, loadImage } from '@napi-rs/canvas'
import type { Frame } from '../ports/camera.js'
import type { Decode } from '../ports/decoder.js'
import { FONT_FAMILY } from './chinese-font.js'
import { framePng } from './frame-png.js'

const MARK = '#00c853'
const LINE_HEIGHT = 22

/** A frame for people: the codes that were read in it outlined, and lines of text below. */
export async function annotatedFrame(
  frame: Frame,
  decodes: readonly Decode[],
  lines: readonly string[],
): Promise<Buffer> {
  const { width, height } = frame
  const canvas = createCanvas(width, height + lines.length * LINE_HEIGHT + 10)
  const context = canvas.getContext('2d')
  context.fillStyle = '#101418'
  context.fillRect(0, 0, canvas.width, canvas.height)
  context.drawImage(await loadImage(framePng(frame)), 0, 0)
  for (const { corners } of decodes) {
    const [first, ...others] = corners
    if (!first) continue
    context.strokeStyle = MARK
    context.lineWidth = 3
    context.beginPath()
    context.moveTo(first.x, first.y)
    for (const { x, y } of others) context.lineTo(x, y)
    context.closePath()
    context.stroke()
    // The corner where reading begins tells how the code is turned.
    context.fillStyle = MARK
    context.beginPath()
    context.arc(first.x, first.y, 6, 0, 2 * Math.PI)
    context.fill()
  }
  context.fillStyle = '#e8eaed'
  context.font = `15px "${FONT_FAMILY}"`
  context.textBaseline = 'middle'
  for (const [i, line] of lines.entries()) context.fillText(line, 10, height + 5 + (i + 0.5) * LINE_HEIGHT)
  return canvas.toBuffer('image/png')
}
