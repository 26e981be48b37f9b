import { createRequire } from 'node:module'
import { payloadText } from './payload-text.js'
import { blur, halve, toRgba } from './pixels.js'
import { serveDecoder } from './serve-decoder.js'
import type { Pixels } from './worker-protocol.js'

type ReadQr = typeof import('jsqr').default
// A CommonJS bundle whose types promise an ES module's default export.
const jsQR = createRequire(import.meta.url)('jsqr') as ReadQr

function read(frame: Pixels, scale: number) {
  const code = jsQR(toRgba(frame), frame.width, frame.height, { inversionAttempts: 'dontInvert' })
  if (!code || code.binaryData.length === 0) return []
  const { topLeftCorner, topRightCorner, bottomRightCorner, bottomLeftCorner } = code.location
  const corners = [topLeftCorner, topRightCorner, bottomRightCorner, bottomLeftCorner]
  const text = payloadText(Uint8Array.from(code.binaryData), code.data)
  const scaled = corners.map(({ x, y }) => ({ x: x * scale, y: y * scale }))
  return [{ text, symbology: 'qr' as const, corners: scaled, by: 'jsqr' }]
}

// Half the size first, for it is four times as fast and less noisy; then the whole, blurred: noise is jsqr's weak spot.
serveDecoder(async (frame) => {
  const decodes = read(halve(frame), 2)
  return decodes.length > 0 ? decodes : read(blur(frame), 1)
})
