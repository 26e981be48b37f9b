import type { RandomInteger } from '../../domain/unlock-code.js'
import type { Clock } from '../../ports/clock.js'
import type { SqlStore } from '../../ports/sql-store.js'
import type { ApiRefusal } from '../api/api-error.js'
import { randomText } from '../random-text.js'
import { imageType, mediaTypeOf, MEDIA_LIMITS, MIB, type MediaType } from './media-type.js'

const LIFE_MS = 3 * 86_400_000
/** Largest image of an article, bytes. */
const MAX_ARTICLE_IMAGE_BYTES = MIB

const SCHEMA = `CREATE TABLE IF NOT EXISTS wechat_media (
  media_id TEXT PRIMARY KEY, type TEXT NOT NULL, content_type TEXT NOT NULL, created_at INTEGER NOT NULL,
  lives INTEGER NOT NULL, bytes TEXT NOT NULL)`

export interface Media {
  readonly mediaId: string
  readonly type: MediaType
  readonly contentType: string
  /** Business time, ms. */
  readonly createdAt: number
}

interface MediaRow {
  readonly type: MediaType
  readonly content_type: string
  readonly created_at: number
  readonly bytes: string
}

/** Uploaded files, in the store alone; each lives three days of business time. Pictures of articles live on. */
export class MediaStore {
  readonly #known: Map<string, { readonly endsAt: number }>

  private constructor(
    private readonly store: SqlStore,
    private readonly clock: Clock,
    private readonly random: RandomInteger,
    known: readonly { media_id: string; created_at: number; lives: number }[],
  ) {
    this.#known = new Map(
      known.map((one) => [one.media_id, { endsAt: one.lives === 1 ? Infinity : one.created_at + LIFE_MS }]),
    )
  }

  static async open(store: SqlStore, clock: Clock, random: RandomInteger): Promise<MediaStore> {
    await store.execute(SCHEMA)
    const known = await store.query<{ media_id: string; created_at: number; lives: number }>(
      'SELECT media_id, created_at, lives FROM wechat_media',
    )
    return new MediaStore(store, clock, random, known)
  }

  async add(type: unknown, bytes: Uint8Array): Promise<Media | ApiRefusal> {
    if (typeof type !== 'string' || !Object.hasOwn(MEDIA_LIMITS, type)) return { errcode: 40004 }
    const known = type as MediaType
    if (bytes.length === 0) return { errcode: 41005 }
    if (bytes.length > MEDIA_LIMITS[known]) {
      return {
        errcode: known === 'image' ? 40009 : known === 'voice' ? 40010 : known === 'video' ? 40011 : 40012,
      }
    }
    const contentType = mediaTypeOf(known, bytes)
    return contentType ? await this.#keep(known, contentType, bytes, false) : { errcode: 40005 }
  }

  /** `/cgi-bin/media/uploadimg`: a picture for articles, which is not forgotten. */
  async addArticleImage(bytes: Uint8Array): Promise<Media | ApiRefusal> {
    if (bytes.length === 0) return { errcode: 41005 }
    if (bytes.length >= MAX_ARTICLE_IMAGE_BYTES) return { errcode: 40009 }
    const contentType = imageType(bytes)
    if (contentType !== 'image/png' && contentType !== 'image/jpeg') return { errcode: 40005 }
    return await this.#keep('image', contentType, bytes, true)
  }

  has(mediaId: unknown): boolean {
    if (typeof mediaId !== 'string') return false
    const known = this.#known.get(mediaId)
    return known !== undefined && this.clock.now() < known.endsAt
  }

  async get(mediaId: unknown): Promise<(Media & { readonly bytes: Buffer }) | undefined> {
    if (typeof mediaId !== 'string' || !this.has(mediaId)) return undefined
    const [row] = await this.store.query<MediaRow>('SELECT * FROM wechat_media WHERE media_id = ?', [mediaId])
    if (!row) return undefined
    const { type, content_type: contentType, created_at: createdAt, bytes } = row
    return { mediaId, type, contentType, createdAt, bytes: Buffer.from(bytes, 'base64') }
  }

  async #keep(type: MediaType, contentType: string, bytes: Uint8Array, lives: boolean): Promise<Media> {
    const createdAt = this.clock.now()
    const media: Media = { mediaId: randomText(64, this.random), type, contentType, createdAt }
    await this.store.execute('DELETE FROM wechat_media WHERE lives = 0 AND created_at <= ?', [
      createdAt - LIFE_MS,
    ])
    await this.store.execute(
      `INSERT INTO wechat_media (media_id, type, content_type, created_at, lives, bytes)
       VALUES (?, ?, ?, ?, ?, ?)`,
      [media.mediaId, type, contentType, createdAt, lives ? 1 : 0, Buffer.from(bytes).toString('base64')],
    )
    this.#known.set(media.mediaId, { endsAt: lives ? Infinity : createdAt + LIFE_MS })
    return media
  }
}
