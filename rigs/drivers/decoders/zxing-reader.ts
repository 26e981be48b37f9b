import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { prepareZXingModule, readBarcodes, type ReaderOptions, type ReadResult } from 'zxing-wasm/reader'
import type { Decode } from '../../../reference/ports/decoder.js'
import { payloadText } from './payload-text.js'
import { toRgba } from './pixels.js'
import type { Pixels } from './worker-protocol.js'

// By default the library fetches its module from a CDN; a lock has no business there.
const wasm = await readFile(createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm'))
const wasmBinary = wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength)
await prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true })

interface Point {
  readonly x: number
  readonly y: number
}

/** No symbol has fewer modules a side (ISO/IEC 18004: 21; a barcode's bars are longer), and zxing fails on less. */
const LEAST_SIDE_PIXELS = 12
/** Of symbols in one picture. */
const MOST_SYMBOLS = 12

/**
 * Everything that zxing-wasm reads in the pixels.
 * @param toFrame where a point of these pixels lies in the frame that they were prepared from
 */
export async function readZxing(
  pixels: Pixels,
  options: ReaderOptions,
  toFrame: (point: Point) => Point = (point) => point,
): Promise<Decode[]> {
  const { width, height } = pixels
  if (width < LEAST_SIDE_PIXELS || height < LEAST_SIDE_PIXELS) return []
  const image = { data: toRgba(pixels), width, height, colorSpace: 'srgb' } as const
  const results = await readBarcodes(image, {
    maxNumberOfSymbols: MOST_SYMBOLS,
    textMode: 'Plain',
    ...options,
  })
  return results.filter(({ isValid }) => isValid).map((result) => decodeOf(result, toFrame))
}

function decodeOf(
  { position, bytes, text, hasECI, symbology }: ReadResult,
  toFrame: (point: Point) => Point,
) {
  const { topLeft, topRight, bottomRight, bottomLeft } = position
  return {
    text: hasECI ? text : payloadText(bytes, text),
    symbology: symbology === 'Code128' ? 'code128' : 'qr',
    corners: [topLeft, topRight, bottomRight, bottomLeft].map(toFrame),
    by: 'zxing-wasm',
  } satisfies Decode
}
