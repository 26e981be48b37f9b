import { createCanvas, type Canvas, type Image } from '@napi-rs/canvas'
import { FONT_FAMILY } from '../../../reference/pictures/chinese-font.js'
import { seededRandom } from '../seeded-random.js'
import { drawCracks, drawFinger } from './glass.js'
import type { Pose } from './pose.js'

export type Device = 'phone' | 'tablet'

/** What a device looks like from the front. */
interface Shape {
  readonly screenWidthMm: number
  readonly screenHeightMm: number
  readonly bezelMm: number
  /** Share of the screen's width that a picture takes in the conversation. */
  readonly pictureShare: number
}

/** A 6.1" phone and an 8.3" tablet, in portrait. */
const SHAPES: Readonly<Record<Device, Shape>> = {
  phone: { screenWidthMm: 65, screenHeightMm: 140, bezelMm: 3, pictureShare: 0.9 },
  tablet: { screenWidthMm: 126, screenHeightMm: 178, bezelMm: 8, pictureShare: 0.72 },
}

/** Below the title and the user's question. */
const PICTURE_TOP_MM = 34

/** A device's front as it lies in its own plane: grey values, and where the middle of the code's picture is. */
export interface DeviceFront {
  readonly width: number
  readonly height: number
  readonly grey: Uint8Array
  readonly pixelsPerMm: number
  readonly pictureCentreMm: { readonly x: number; readonly y: number }
}

/** How large a picture of this many pixels is shown, millimetres. */
export function shownSizeMm(device: Device, picture: { readonly width: number; readonly height: number }) {
  const width = SHAPES[device].screenWidthMm * SHAPES[device].pictureShare
  return { width, height: (width * picture.height) / picture.width }
}

/** Perceived lightness of a colour (ITU-R BT.601), as a grey camera's sensor roughly weighs it. */
function toGrey(rgba: Uint8ClampedArray): Uint8Array {
  const grey = new Uint8Array(rgba.length / 4)
  for (let i = 0; i < grey.length; i++) {
    const at = i * 4
    grey[i] = 0.299 * (rgba[at] ?? 0) + 0.587 * (rgba[at + 1] ?? 0) + 0.114 * (rgba[at + 2] ?? 0)
  }
  return grey
}

/** Draws a device that shows a picture in a WeChat conversation with the parking account, behind its glass. */
export function drawDevice(
  device: Device,
  picture: Image | Canvas,
  pixelsPerMm: number,
  pose: Pose,
): DeviceFront {
  const shape = SHAPES[device]
  const mm = (length: number) => length * pixelsPerMm
  const width = Math.ceil(mm(shape.screenWidthMm + 2 * shape.bezelMm))
  const height = Math.ceil(mm(shape.screenHeightMm + 2 * shape.bezelMm))
  const canvas = createCanvas(width, height)
  const context = canvas.getContext('2d')

  context.fillStyle = '#000'
  context.fillRect(0, 0, width, height)
  context.strokeStyle = '#5a5a5a'
  context.lineWidth = mm(0.6)
  context.strokeRect(0, 0, width, height)
  context.translate(mm(shape.bezelMm), mm(shape.bezelMm))

  context.fillStyle = '#ededed'
  context.fillRect(0, 0, mm(shape.screenWidthMm), mm(shape.screenHeightMm))
  context.fillStyle = '#111'
  context.textBaseline = 'middle'
  context.font = `${mm(3)}px "${FONT_FAMILY}"`
  context.fillText('9:41', mm(4), mm(3.5))
  context.font = `700 ${mm(4)}px "${FONT_FAMILY}"`
  context.textAlign = 'center'
  context.fillText('泊车服务号', mm(shape.screenWidthMm / 2), mm(11))
  context.textAlign = 'left'
  context.strokeStyle = '#c8c8c8'
  context.lineWidth = mm(0.2)
  context.strokeRect(0, mm(16), mm(shape.screenWidthMm), 0)

  context.font = `${mm(3.4)}px "${FONT_FAMILY}"`
  const question = '请给我开锁码'
  const bubble = context.measureText(question).width + mm(6)
  context.fillStyle = '#95ec69'
  context.beginPath()
  context.roundRect(mm(shape.screenWidthMm - 4) - bubble, mm(20), bubble, mm(9), mm(1.5))
  context.fill()
  context.fillStyle = '#111'
  context.fillText(question, mm(shape.screenWidthMm - 1) - bubble, mm(24.5))

  if (pose.darkPage !== undefined) {
    const level = Math.max(0, Math.min(255, Math.round(pose.darkPage)))
    context.fillStyle = `rgb(${level}, ${level}, ${level})`
    context.fillRect(0, 0, mm(shape.screenWidthMm), mm(shape.screenHeightMm))
  }
  const shown = shownSizeMm(device, picture)
  const leftMm = (shape.screenWidthMm - shown.width) / 2
  context.imageSmoothingQuality = 'high'
  context.drawImage(picture, mm(leftMm), mm(PICTURE_TOP_MM), mm(shown.width), mm(shown.height))

  if (pose.darkPage === undefined) {
    context.fillStyle = '#f7f7f7'
    context.fillRect(0, mm(shape.screenHeightMm - 16), mm(shape.screenWidthMm), mm(16))
    context.fillStyle = '#fff'
    context.fillRect(mm(10), mm(shape.screenHeightMm - 13), mm(shape.screenWidthMm - 30), mm(8))
  }

  if (pose.inverted) {
    context.globalCompositeOperation = 'difference'
    context.fillStyle = '#fff'
    context.fillRect(0, 0, mm(shape.screenWidthMm), mm(shape.screenHeightMm))
    context.globalCompositeOperation = 'source-over'
  }
  if (pose.screenOff) {
    context.fillStyle = '#050505'
    context.fillRect(0, 0, mm(shape.screenWidthMm), mm(shape.screenHeightMm))
  }
  const area = { left: mm(leftMm), top: mm(PICTURE_TOP_MM), width: mm(shown.width), height: mm(shown.height) }
  const random = seededRandom(pose.seed ?? 1)
  if (pose.cracks) drawCracks(context, area, pose.cracks, random)
  if (pose.finger) drawFinger(context, area, pose.finger, random)

  return {
    width,
    height,
    grey: toGrey(context.getImageData(0, 0, width, height).data),
    pixelsPerMm,
    pictureCentreMm: {
      x: shape.bezelMm + shape.screenWidthMm / 2,
      y: shape.bezelMm + PICTURE_TOP_MM + shown.height / 2,
    },
  }
}
