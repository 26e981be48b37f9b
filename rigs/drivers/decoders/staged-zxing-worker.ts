import type { ReaderOptions } from 'zxing-wasm/reader'
import type { Decode } from '../../../reference/ports/decoder.js'
import { findBars } from './find-bars.js'
import { halve } from './pixels.js'
import { enlarge, invert, levelContrast, sharpen, smooth } from './prepare.js'
import { serveDecoder } from './serve-decoder.js'
import { straightenBars } from './straighten-bars.js'
import type { Pixels } from './worker-protocol.js'
import type { ZxingStage } from './zxing-stages.js'
import { readZxing } from './zxing-reader.js'

const BOTH: ReaderOptions = { formats: ['QRCode', 'Code128'] }
const QR: ReaderOptions = { formats: ['QRCode'] }
const BARCODE: ReaderOptions = { formats: ['Code128'] }

/** Above this an enlarged frame costs more than a look is worth; it has the pixels already. */
const ENLARGE_UP_TO_PIXELS = 800 * 600

const doubled = ({ x, y }: { x: number; y: number }) => ({ x: 2 * x, y: 2 * y })
const halved = ({ x, y }: { x: number; y: number }) => ({ x: x / 2, y: y / 2 })

async function readBars(frame: Pixels): Promise<Decode | undefined> {
  for (const region of findBars(frame)) {
    const bars = straightenBars(frame, region)
    const decode =
      (await readZxing(bars, BARCODE, bars.toFrame)) ?? (await readZxing(invert(bars), BARCODE, bars.toFrame))
    if (decode) return decode
  }
  return undefined
}

const STAGES: Readonly<Record<ZxingStage, (frame: Pixels) => Promise<Decode | undefined>>> = {
  // Half the size costs a quarter, and the mean of four pixels has half the noise: most codes are read there.
  fast: async (frame) => (await readZxing(halve(frame), QR, doubled)) ?? (await readZxing(frame, BOTH)),
  bars: readBars,
  level: (frame) => readZxing(levelContrast(frame, Math.round(frame.width / 32)), QR),
  enlarge: async (frame) =>
    frame.width * frame.height > ENLARGE_UP_TO_PIXELS ? undefined : readZxing(enlarge(frame), QR, halved),
  smooth: (frame) => readZxing(smooth(frame, 2), QR),
  sharpen: (frame) => readZxing(sharpen(halve(frame), 5, 4), QR, doubled),
}

serveDecoder(async (frame) => {
  const read = STAGES[(frame.stage ?? 'fast') as ZxingStage]
  return read(frame)
})
