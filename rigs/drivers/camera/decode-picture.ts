import { createCanvas, loadImage } from '@napi-rs/canvas'
import { PgmParser, type PgmPicture } from '../../../reference/pictures/pgm-parser.js'
import { MalformedCameraStream, messageOf } from './camera-errors.js'
import { readPictureHeader } from './picture-header.js'

/**
 * A JPEG, PNG or PGM as grey pixels.
 * @throws MalformedCameraStream, MalformedPgm
 */
export async function decodePicture(bytes: Uint8Array): Promise<PgmPicture> {
  const { format, width, height } = readPictureHeader(bytes)
  if (format === 'pgm') return decodePgm(bytes)
  let rgba: Uint8ClampedArray
  try {
    const image = await loadImage(bytes)
    const context = createCanvas(width, height).getContext('2d')
    context.drawImage(image, 0, 0)
    rgba = context.getImageData(0, 0, width, height).data
  } catch (error) {
    throw new MalformedCameraStream(`a ${format.toUpperCase()} that cannot be decoded: ${messageOf(error)}`)
  }
  const grey = new Uint8Array(width * height)
  // Perceived lightness (ITU-R BT.601), in whole numbers.
  for (let i = 0, at = 0; i < grey.length; i++, at += 4) {
    grey[i] = (77 * (rgba[at] ?? 0) + 150 * (rgba[at + 1] ?? 0) + 29 * (rgba[at + 2] ?? 0)) >> 8
  }
  return { width, height, grey }
}

function decodePgm(bytes: Uint8Array): PgmPicture {
  let first: PgmPicture | undefined
  const parser = new PgmParser((picture) => (first ??= picture))
  parser.push(bytes)
  if (!first) throw new MalformedCameraStream('a PGM that is cut off')
  return first
}
