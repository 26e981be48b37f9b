import type { Request } from 'express'
import { JsonRefused, readJsonObject } from '../../json/strict-json.js'
import { refuse } from './api-call.js'
import type { ApiRefusal } from './api-error.js'

/** The bytes that the parser before has read; none when the request had no body. */
export function bodyBytes(request: Request): Buffer {
  const body: unknown = request.body
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0)
}

/** The JSON object of a request; its content type says nothing, as clients send all kinds. */
export function readApiJson(request: Request): { readonly json: object } | ApiRefusal {
  const bytes = bodyBytes(request)
  if (bytes.length === 0) return refuse(44002)
  try {
    return { json: readJsonObject(bytes) }
  } catch (error) {
    if (error instanceof JsonRefused) return refuse(47001, error.reason)
    throw error
  }
}

/** The file of a multipart form's field `media`; undefined when the body is no such form. */
export async function readMediaField(request: Request): Promise<Uint8Array | undefined> {
  try {
    const form = await new globalThis.Response(new Uint8Array(bodyBytes(request)), {
      headers: { 'content-type': request.headers['content-type'] ?? '' },
    }).formData()
    const media = form.get('media')
    return media instanceof Blob ? new Uint8Array(await media.arrayBuffer()) : undefined
  } catch {
    return undefined
  }
}
