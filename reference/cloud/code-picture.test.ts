import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { createCanvas, loadImage } from '@napi-rs/canvas'
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader'
import { packageRoot } from '../package-root.js'
import { drawCode } from './code-picture.js'

const CODE = '112345678901234567890178'
const wasm = readFileSync(join(packageRoot, 'node_modules/zxing-wasm/dist/reader/zxing_reader.wasm'))
void prepareZXingModule({ overrides: { wasmBinary: wasm.buffer } })

async function scan(png: Uint8Array) {
  const picture = await loadImage(png)
  const canvas = createCanvas(picture.width, picture.height)
  const context = canvas.getContext('2d')
  context.drawImage(picture, 0, 0)
  const { data, width, height } = context.getImageData(0, 0, picture.width, picture.height)
  const [found] = await readBarcodes({ data: new Uint8ClampedArray(data), width, height, colorSpace: 'srgb' })
  return { found, width }
}

test('the QR code holds the code at version 2 or larger, level H', async () => {
  const { found, width } = await scan(await drawCode(CODE, 'qr'))
  assert.equal(found?.text, CODE)
  assert.equal(found.format, 'QRCode')
  assert.equal(found.ecLevel, 'H')
  assert.equal(width, (25 + 8) * 20)
})

test('the barcode holds the code in 167 modules and two quiet zones', async () => {
  const { found, width } = await scan(await drawCode(CODE, 'code128'))
  assert.equal(found?.text, CODE)
  assert.equal(found.format, 'Code128')
  assert.equal(width, (167 + 20) * 4)
})
