import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { prepareZXingModule, readBarcodes, type ReaderOptions } from 'zxing-wasm/reader'
import { toRgba } from './pixels.js'
import { serveDecoder } from './serve-decoder.js'

// By default the library fetches its module from a CDN; a lock has no business there.
const wasm = await readFile(createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm'))
const wasmBinary = wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength)
await prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true })

const OPTIONS: ReaderOptions = { formats: ['QRCode', 'Code128'], maxNumberOfSymbols: 1 }

serveDecoder(async (frame) => {
  const image = { data: toRgba(frame), width: frame.width, height: frame.height, colorSpace: 'srgb' } as const
  const [result] = await readBarcodes(image, OPTIONS)
  if (!result?.isValid) return undefined
  const { topLeft, topRight, bottomRight, bottomLeft } = result.position
  return {
    text: result.text,
    symbology: result.symbology === 'Code128' ? 'code128' : 'qr',
    corners: [topLeft, topRight, bottomRight, bottomLeft],
    by: 'zxing-wasm',
  }
})
