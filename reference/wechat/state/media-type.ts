export const MIB = 1024 * 1024

/** Largest file of each kind, bytes. */
export const MEDIA_LIMITS = {
  image: 10 * MIB,
  voice: 2 * MIB,
  video: 10 * MIB,
  thumb: 64 * 1024,
} as const
export type MediaType = keyof typeof MEDIA_LIMITS
export const MAX_MEDIA_BYTES = Math.max(...Object.values(MEDIA_LIMITS))

const startsWith = (bytes: Uint8Array, hex: string) =>
  Buffer.from(bytes.subarray(0, hex.length / 2)).toString('hex') === hex

/** Content type of a picture by its first bytes; undefined for what is none. */
export function imageType(bytes: Uint8Array): string | undefined {
  if (startsWith(bytes, '89504e470d0a1a0a')) return 'image/png'
  if (startsWith(bytes, 'ffd8ff')) return 'image/jpeg'
  if (startsWith(bytes, '47494638')) return 'image/gif'
  return startsWith(bytes, '424d') ? 'image/bmp' : undefined
}

/** AMR, and MP3 with a tag or a bare frame. */
function voiceType(bytes: Uint8Array): string | undefined {
  if (startsWith(bytes, '2321414d52')) return 'audio/amr'
  const frame = bytes[0] === 0xff && ((bytes[1] ?? 0) & 0xe0) === 0xe0
  return startsWith(bytes, '494433') || frame ? 'audio/mpeg' : undefined
}

const videoType = (bytes: Uint8Array) => (startsWith(bytes.subarray(4), '66747970') ? 'video/mp4' : undefined)

/** Content type of a file of a kind, by its first bytes; undefined when it is of none that the kind may be. */
export function mediaTypeOf(type: MediaType, bytes: Uint8Array): string | undefined {
  switch (type) {
    case 'image':
      return imageType(bytes)
    case 'voice':
      return voiceType(bytes)
    case 'video':
      return videoType(bytes)
    case 'thumb':
      return imageType(bytes) === 'image/jpeg' ? 'image/jpeg' : undefined
  }
}
