import qrcode from 'qrcode'
import { createUnlockCode } from '../../../reference/domain/unlock-code.js'
import type { Decoder } from '../../../reference/ports/decoder.js'
import { startScanLoop } from '../../../reference/scanner/scan-loop.js'
import { openDecoder } from '../../drivers/decoders/open-decoder.js'
import { openFrameStream } from '../../drivers/frame-stream/frame-stream.js'
import { startRenderedCamera } from '../../simulated/rendered-camera/rendered-camera.js'
import { seededRandom } from '../../simulated/seeded-random.js'
import { percentile } from '../percentile.js'

export interface LatencyFigures {
  readonly framesPerSecond: number
  /** So long the decoder takes for a frame at least, milliseconds. */
  readonly decoderMs: number
  readonly looks: number
  readonly droppedFrames: number
  /** From the frame's capture to its result, milliseconds. */
  readonly resultAgeMs: { readonly median: number | null; readonly largest: number | null }
  /** Results that showed the first code after the second had been seen. */
  readonly staleResults: number
}

const FPS = 30
const DECODER_MS = 200
const now = () => performance.timeOrigin + performance.now()

function slowed(decoder: Decoder): Decoder {
  return {
    decode: async (frame) => {
      const least = new Promise((resolve) => setTimeout(resolve, DECODER_MS))
      const [decodes] = await Promise.all([decoder.decode(frame), least])
      return decodes
    },
    close: () => decoder.close(),
  }
}

/** A live camera before a slow decoder; the code changes halfway. @param lastsMs wall milliseconds */
export async function measureLatency(lastsMs: number): Promise<LatencyFigures> {
  const random = seededRandom(30)
  const codes = [0, 1].map(() => createUnlockCode((limit) => Math.floor(random() * limit)))
  const pictures = await Promise.all(
    codes.map((code) =>
      qrcode.toBuffer(code, { errorCorrectionLevel: 'H', version: 2, margin: 4, scale: 12 }),
    ),
  )
  const camera = await startRenderedCamera({ seed: 30, fps: FPS })
  const frames = await openFrameStream(camera.stream)
  const decoder = slowed(await openDecoder('zxing'))
  const ages: number[] = []
  let newest = 0
  let staleResults = 0
  await camera.show(pictures[0] as Buffer, 'phone')
  const loop = startScanLoop({
    camera: frames,
    decoder,
    onLook: (frame, [decode]) => {
      ages.push(now() - frame.capturedAt)
      const shown = codes.findIndex((code) => code === decode?.text)
      if (shown >= 0 && shown < newest) staleResults++
      newest = Math.max(newest, shown)
    },
    onCameraLost: (reason) => {
      throw new Error(reason)
    },
    onDecoderFault: (fault) => {
      throw fault
    },
  })
  await new Promise((resolve) => setTimeout(resolve, lastsMs / 2))
  await camera.show(pictures[1] as Buffer, 'phone')
  await new Promise((resolve) => setTimeout(resolve, lastsMs / 2))
  await loop.close()
  await Promise.all([frames.close(), decoder.close()])
  await camera.close()
  const sorted = ages.sort((a, b) => a - b)
  return {
    framesPerSecond: FPS,
    decoderMs: DECODER_MS,
    looks: ages.length,
    droppedFrames: loop.droppedFrames,
    resultAgeMs: { median: percentile(sorted, 0.5), largest: sorted.at(-1) ?? null },
    staleResults,
  }
}
