import { createCanvas, loadImage } from '@napi-rs/canvas'
import { cropToSymbol } from '../../simulated/rendered-camera/crop-to-symbol.js'
import type { ShownLook } from '../stage/lock-station.js'

/** Pixels of a code on the screen, of a sticker's beside it, and of the room around them. */
const CODE = 720
const STICKER = 300
const ROOM = 60
const DARK_PAGE = '#111'

/**
 * What a screen before a real camera has to show: a code, or two side by side, and the sticker that stands beside them.
 * @param shown undefined while no device is held before the camera
 */
export async function composeScreen(
  shown: (ShownLook & { readonly picture: Buffer }) | undefined,
  sticker: Buffer | undefined,
): Promise<Buffer | undefined> {
  if (!shown && !sticker) return undefined
  if (shown && !sticker && !shown.beside && !shown.isDarkMode) return shown.picture
  const stickers = sticker ? [{ picture: sticker, side: STICKER, isCropped: false }] : []
  const codes = [shown?.picture, shown?.beside].flatMap((picture) =>
    picture ? { picture, side: CODE, isCropped: shown?.isDarkMode === true } : [],
  )
  const all = [...stickers, ...codes]
  const width = all.reduce((sum, { side }) => sum + side + ROOM, ROOM)
  const canvas = createCanvas(width, CODE + 2 * ROOM)
  const context = canvas.getContext('2d')
  context.fillStyle = shown?.isDarkMode ? DARK_PAGE : '#fff'
  context.fillRect(0, 0, canvas.width, canvas.height)
  let left = ROOM
  for (const { picture, side, isCropped } of all) {
    const image = await loadImage(picture)
    const drawn = isCropped ? cropToSymbol(image) : image
    const height = (side * drawn.height) / drawn.width
    context.drawImage(drawn, left, (canvas.height - height) / 2, side, height)
    left += side + ROOM
  }
  return canvas.encode('png')
}
