import type { Decoder } from '../../../reference/ports/decoder.js'
import { openWorkerDecoder } from './worker-decoder.js'

/** What a pipeline tries first, alone: to measure what a frame costs that is read at once. */
export function openFastPath(budgetMs: number): Promise<Decoder> {
  return openWorkerDecoder('zxing-wasm', new URL('./staged-zxing-worker.js', import.meta.url), budgetMs)
}
