import type { Decode } from '../../../reference/ports/decoder.js'

/** Grey pixels, as decoders and their preparations hand them on. */
export interface Pixels {
  readonly width: number
  readonly height: number
  readonly grey: Uint8Array
}

/** A frame on its way into a decoder's worker; the memory goes with it. */
export interface DecodeRequest extends Pixels {
  /** Which of its ways the worker should try, where it has several. */
  readonly stage?: string
}

/** What a decoder's worker says: once `ready`, then one answer for each request, in order. */
export type WorkerAnswer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'read'; readonly decodes: readonly Decode[] }
  | { readonly kind: 'failed'; readonly error: string }
