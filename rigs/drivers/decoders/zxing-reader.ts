import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { prepareZXingModule, readBarcodes, type ReaderOptions } from 'zxing-wasm/reader'
import type { Decode } from '../../../reference/ports/decoder.js'
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

/**
 * What zxing-wasm reads in the pixels.
 * @param toFrame where a point of these pixels lies in the frame that they were prepared from
 */
export async function readZxing(
  pixels: Pixels,
  options: ReaderOptions,
  toFrame: (point: Point) => Point = (point) => point,
): Promise<Decode | undefined> {
  const { width, height } = pixels
  const image = { data: toRgba(pixels), width, height, colorSpace: 'srgb' } as const
  const [result] = await readBarcodes(image, { maxNumberOfSymbols: 1, ...options })
  if (!result?.isValid) return undefined
  const { topLeft, topRight, bottomRight, bottomLeft } = result.position
  return {
    text: result.text,
    symbology: result.symbology === 'Code128' ? 'code128' : 'qr',
    corners: [topLeft, topRight, bottomRight, bottomLeft].map(toFrame),
    by: 'zxing-wasm',
  }
}
