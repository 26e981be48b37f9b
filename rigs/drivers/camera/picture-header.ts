import { MalformedCameraStream } from './camera-errors.js'

/** Larger pictures are refused before memory is set aside for them. */
export const LARGEST_SIDE_PIXELS = 4_096

/** A picture's form and size, as its first bytes tell them. */
export interface PictureHeader {
  readonly format: 'jpeg' | 'png' | 'pgm'
  readonly width: number
  readonly height: number
}

const END_OF_IMAGE = 0xd9
const START_OF_SCAN = 0xda
/** Start of frame, in any of JPEG's processes; C4, C8 and CC are tables (ITU-T T.81, table B.1). */
const isStartOfFrame = (marker: number) =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
const hasNoLength = (marker: number) => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)

function jpegSize(bytes: Buffer): { width: number; height: number } {
  let at = 2
  while (at + 9 < bytes.length) {
    if (bytes[at] !== 0xff) throw new MalformedCameraStream(`a JPEG without a marker at byte ${at}`)
    const marker = bytes[at + 1] ?? 0
    if (marker === 0xff) at++
    else if (hasNoLength(marker)) at += 2
    else if (isStartOfFrame(marker)) {
      return { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) }
    } else if (marker === START_OF_SCAN || marker === END_OF_IMAGE) break
    else at += 2 + bytes.readUInt16BE(at + 2)
  }
  throw new MalformedCameraStream('a JPEG that does not say its size')
}

/** Cameras fill the last block with zeros, a few of them with more. */
function endsWhole(bytes: Buffer): boolean {
  return bytes.subarray(-64).lastIndexOf(Buffer.from([0xff, END_OF_IMAGE])) >= 0
}

/**
 * Looks at a picture before anything decodes it, so that its size is known to be bearable.
 * @throws MalformedCameraStream for what is no picture, is cut off, empty, or too large
 */
export function readPictureHeader(picture: Uint8Array): PictureHeader {
  const bytes = Buffer.from(picture.buffer, picture.byteOffset, picture.byteLength)
  let header: PictureHeader
  if (bytes[0] === 0xff && bytes[1] === 0xd8) {
    header = { format: 'jpeg', ...jpegSize(bytes) }
    if (!endsWhole(bytes))
      throw new MalformedCameraStream(`a JPEG that is cut off after ${bytes.length} bytes`)
  } else if (bytes.length >= 24 && bytes.toString('latin1', 1, 8) === 'PNG\r\n\x1a\n') {
    header = { format: 'png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) }
    if (!bytes.subarray(-12).includes('IEND')) {
      throw new MalformedCameraStream(`a PNG that is cut off after ${bytes.length} bytes`)
    }
  } else if (bytes.toString('latin1', 0, 2) === 'P5') {
    // Its reader checks the size itself before it takes memory.
    return { format: 'pgm', width: 1, height: 1 }
  } else {
    throw new MalformedCameraStream(`${bytes.length} bytes that are neither JPEG, PNG nor PGM`)
  }
  const { width, height } = header
  if (width < 1 || height < 1 || width > LARGEST_SIDE_PIXELS || height > LARGEST_SIDE_PIXELS) {
    throw new MalformedCameraStream(
      `a picture of ${width} × ${height} pixels, where 1 to ${LARGEST_SIDE_PIXELS} each are possible`,
    )
  }
  return header
}
