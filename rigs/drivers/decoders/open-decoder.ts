import type { Decode, Decoder } from '../../../reference/ports/decoder.js'
import { openWorkerDecoder } from './worker-decoder.js'

/** `zxing+jsqr` asks the second for what the first cannot read. */
export type DecoderName = 'zxing' | 'jsqr' | 'zxing+jsqr'

const MODULES = {
  zxing: ['zxing-wasm', new URL('./zxing-worker.js', import.meta.url)],
  jsqr: ['jsqr', new URL('./jsqr-worker.js', import.meta.url)],
} as const

/** The first that reads the frame wins; a fault is thrown only when nobody after it could read the frame. */
export function chainDecoders(decoders: readonly Decoder[]): Decoder {
  return {
    decode: async (frame) => {
      let fault: { readonly error: unknown } | undefined
      for (const decoder of decoders) {
        let decode: Decode | undefined
        try {
          decode = await decoder.decode(frame)
        } catch (error) {
          fault = { error }
        }
        if (decode) return decode
      }
      if (fault) throw fault.error
      return undefined
    },
    close: async () => {
      await Promise.all(decoders.map((decoder) => decoder.close()))
    },
  }
}

/**
 * Opens a decoder; ready to read when it resolves.
 * - `zxing`: zxing-wasm, QR and Code 128
 * - `jsqr`: QR only
 * @param budgetMs wall milliseconds that one decoder may spend on one frame
 * @throws DecoderFailed
 */
export async function openDecoder(name: DecoderName, { budgetMs = 2_000 } = {}): Promise<Decoder> {
  const parts = name === 'zxing+jsqr' ? (['zxing', 'jsqr'] as const) : [name]
  const opened = await Promise.all(
    parts.map((part) => openWorkerDecoder(MODULES[part][0], MODULES[part][1], budgetMs)),
  )
  const [first, ...others] = opened
  return first && others.length === 0 ? first : chainDecoders(opened)
}
