import { createRequire } from 'node:module'
import { blur, halve, toRgba } from './pixels.js'
import { serveDecoder } from './serve-decoder.js'
import type { Pixels } from './worker-protocol.js'

type ReadQr = typeof import('jsqr').default
// A CommonJS bundle whose types promise an ES module's default export.
const jsQR = createRequire(import.meta.url)('jsqr') as ReadQr

function read(frame: Pixels, scale: number) {
  const code = jsQR(toRgba(frame), frame.width, frame.height, { inversionAttempts: 'dontInvert' })
  if (!code?.data) return undefined
  const { topLeftCorner, topRightCorner, bottomRightCorner, bottomLeftCorner } = code.location
  const corners = [topLeftCorner, topRightCorner, bottomRightCorner, bottomLeftCorner]
  return {
    text: code.data,
    symbology: 'qr' as const,
    corners: corners.map(({ x, y }) => ({ x: x * scale, y: y * scale })),
    by: 'jsqr',
  }
}

// Half the size first, for it is four times as fast and less noisy; then the whole, blurred: noise is jsqr's weak spot.
serveDecoder(async (frame) => read(halve(frame), 2) ?? read(blur(frame), 1))
