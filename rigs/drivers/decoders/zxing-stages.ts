/**
 * What the staged zxing worker can do with a frame: read it as it is (`fast`), or prepare it first.
 * - `bars`: find bars at any angle, straighten them, average along them
 * - `level`: the same contrast everywhere · `enlarge`: twice the size · `smooth`: less noise · `sharpen`: less blur
 */
export const ZXING_STAGES = ['fast', 'bars', 'level', 'enlarge', 'smooth', 'sharpen'] as const

export type ZxingStage = (typeof ZXING_STAGES)[number]
