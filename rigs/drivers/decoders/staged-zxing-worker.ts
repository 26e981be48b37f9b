import type { ReaderOptions } from 'zxing-wasm/reader'
import type { Decode } from '../../../reference/ports/decoder.js'
import { distinct } from './distinct.js'
import { findBars } from './find-bars.js'
import { halve } from './pixels.js'
import { readAll } from './read-all.js'
import { enlarge, invert, levelContrast, sharpen, smooth } from './prepare.js'
import { serveDecoder } from './serve-decoder.js'
import { straightenBars } from './straighten-bars.js'
import type { Pixels } from './worker-protocol.js'
import type { ZxingStage } from './zxing-stages.js'
import { readZxing } from './zxing-reader.js'

const QR: ReaderOptions = { formats: ['QRCode'] }
const BARCODE: ReaderOptions = { formats: ['Code128'] }

/** Above this an enlarged frame costs more than a look is worth; it has the pixels already. */
const ENLARGE_UP_TO_PIXELS = 800 * 600

const doubled = ({ x, y }: { x: number; y: number }) => ({ x: 2 * x, y: 2 * y })
const halved = ({ x, y }: { x: number; y: number }) => ({ x: x / 2, y: y / 2 })

async function readBars(frame: Pixels): Promise<Decode[]> {
  const decodes: Decode[] = []
  for (const region of findBars(frame)) {
    const bars = straightenBars(frame, region)
    const found = await readZxing(bars, BARCODE, bars.toFrame)
    decodes.push(...(found.length > 0 ? found : await readZxing(invert(bars), BARCODE, bars.toFrame)))
  }
  return decodes
}

const STAGES: Readonly<Record<ZxingStage, (frame: Pixels) => Promise<Decode[]>>> = {
  fast: readAll,
  bars: readBars,
  level: (frame) => readZxing(levelContrast(frame, Math.round(frame.width / 32)), QR),
  enlarge: async (frame) =>
    frame.width * frame.height > ENLARGE_UP_TO_PIXELS ? [] : readZxing(enlarge(frame), QR, halved),
  smooth: (frame) => readZxing(smooth(frame, 2), QR),
  sharpen: (frame) => readZxing(sharpen(halve(frame), 5, 4), QR, doubled),
}

serveDecoder(async (frame) => {
  const read = STAGES[(frame.stage ?? 'fast') as ZxingStage]
  return distinct(await read(frame))
})
