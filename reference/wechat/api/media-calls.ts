import { qrPicture } from '../../pictures/qr-picture.js'
import { refuse, type ApiCall, type ApiRequest } from './api-call.js'
import { isRefusal } from './api-error.js'

async function upload({ query, file, state }: ApiRequest) {
  if (!file) return refuse(41005)
  const media = await state.media.add(query['type'], file)
  if (isRefusal(media)) return media
  const created_at = Math.floor(media.createdAt / 1000)
  return media.type === 'thumb'
    ? { json: { type: 'thumb', thumb_media_id: media.mediaId, created_at } }
    : { json: { type: media.type, media_id: media.mediaId, created_at } }
}

/** A video comes as the address of its file, everything else as the file. */
async function get({ query, state, baseUrl }: ApiRequest) {
  const asked = query['media_id']
  if (asked === undefined || asked === '') return refuse(41006)
  const media = await state.media.get(asked)
  if (!media) return refuse(40007)
  if (media.type === 'video') return { json: { video_url: `${baseUrl}/mmbiz/${media.mediaId}` } }
  return { file: media }
}

async function uploadImage({ file, state, baseUrl }: ApiRequest) {
  if (!file) return refuse(41005)
  const image = await state.media.addArticleImage(file)
  return isRefusal(image) ? image : { json: { url: `${baseUrl}/mmbiz/${image.mediaId}` } }
}

function createQrCode({ account, body, state, nowMs }: ApiRequest) {
  const made = state.tickets.create(account.appId, body)
  if (isRefusal(made)) return made
  const { ticket, url, expiresAt } = made
  const life = expiresAt === undefined ? {} : { expire_seconds: Math.ceil((expiresAt - nowMs) / 1000) }
  return { json: { ticket, ...life, url } }
}

/** The picture of a scene code, as PNG. */
export const drawTicket = (url: string): Promise<Buffer> => qrPicture(url, { width: 430 })

export const MEDIA_CALLS: readonly ApiCall[] = [
  { method: 'POST', path: '/cgi-bin/media/upload', perDay: 100_000, body: 'form', run: upload },
  { method: 'GET', path: '/cgi-bin/media/get', perDay: 200_000, run: get },
  { method: 'POST', path: '/cgi-bin/media/uploadimg', perDay: 100_000, body: 'form', run: uploadImage },
  { method: 'POST', path: '/cgi-bin/qrcode/create', perDay: 100_000, body: 'json', run: createQrCode },
]
