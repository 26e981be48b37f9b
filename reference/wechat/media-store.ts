import type { RandomInteger } from '../domain/unlock-code.js'
import type { Clock } from '../ports/clock.js'
import type { ApiRefusal } from './api-error.js'
import { randomText } from './random-text.js'

const LIFE_MS = 3 * 86_400_000
/** Largest image, bytes. */
export const MAX_IMAGE_BYTES = 10 * 1024 * 1024

export interface Media {
  readonly type: 'image'
  readonly contentType: 'image/png' | 'image/jpeg'
  readonly bytes: Uint8Array
  readonly createdAt: number
}

function imageType(bytes: Uint8Array): Media['contentType'] | undefined {
  const head = Buffer.from(bytes.subarray(0, 8)).toString('hex')
  if (head === '89504e470d0a1a0a') return 'image/png'
  return head.startsWith('ffd8ff') ? 'image/jpeg' : undefined
}

/** Uploaded pictures; each lives three days of business time. */
export class MediaStore {
  readonly #media = new Map<string, Media>()

  constructor(
    private readonly clock: Clock,
    private readonly random: RandomInteger,
  ) {}

  add(type: unknown, bytes: Uint8Array): { readonly mediaId: string; readonly media: Media } | ApiRefusal {
    if (type !== 'image') return { errcode: 40004 }
    if (bytes.length === 0) return { errcode: 41005 }
    if (bytes.length > MAX_IMAGE_BYTES) return { errcode: 40009 }
    const contentType = imageType(bytes)
    if (!contentType) return { errcode: 40005 }
    const mediaId = randomText(64, this.random)
    const media: Media = { type, contentType, bytes, createdAt: this.clock.now() }
    this.#media.set(mediaId, media)
    return { mediaId, media }
  }

  get(mediaId: unknown): Media | undefined {
    if (typeof mediaId !== 'string') return undefined
    const media = this.#media.get(mediaId)
    if (!media || this.clock.now() - media.createdAt < LIFE_MS) return media
    this.#media.delete(mediaId)
    return undefined
  }
}
