import { serveDecoder } from './serve-decoder.js'
import { readZxing } from './zxing-reader.js'

serveDecoder((frame) => readZxing(frame, { formats: ['QRCode', 'Code128'] }))
