import type { Frame } from '../../../reference/ports/camera.js'
import type { Decode, Decoder } from '../../../reference/ports/decoder.js'
import { RegionOfInterest, shifted } from './region-of-interest.js'
import type { WorkerDecoder } from './worker-decoder.js'
import { ZXING_STAGES } from './zxing-stages.js'

/** One way to read a frame. */
interface Stage {
  readonly name: string
  readonly read: (frame: Frame) => Promise<Decode | undefined>
}

export interface PipelineParts {
  readonly zxing: WorkerDecoder
  readonly jsqr: Decoder
  /** Slow, for what all others miss. */
  readonly rescue?: Decoder
  /** No further way is begun once a frame has cost so much, wall milliseconds. */
  readonly frameBudgetMs: number
  /** Wall milliseconds; a test has its own. */
  readonly now?: () => number
}

/**
 * Fast path first: where the last code was, then the whole frame. On a miss the costly ways, until the frame's budget is
 * spent; where one frame's budget ends the next frame goes on, so that over some frames all of them have had their turn.
 * The way that read the last code is the first to be tried.
 */
export function createPipeline({
  zxing,
  jsqr,
  rescue,
  frameBudgetMs,
  now = () => performance.now(),
}: PipelineParts): Decoder {
  const region = new RegionOfInterest()
  const costly: Stage[] = [
    ...ZXING_STAGES.filter((name) => name !== 'fast').map((name) => ({
      name,
      read: (frame: Frame) => zxing.decode(frame, name),
    })),
    { name: 'jsqr', read: (frame) => jsqr.decode(frame) },
    ...(rescue ? [{ name: 'rescue', read: (frame: Frame) => rescue.decode(frame) }] : []),
  ]
  let next = 0

  async function readFast(frame: Frame): Promise<Decode | undefined> {
    const cut = region.cutFrom(frame)
    const near = cut && (await zxing.decode(cut.frame, 'fast'))
    return near ? shifted(near, cut.left, cut.top) : zxing.decode(frame, 'fast')
  }

  /** @returns the first decode; `fault` when nobody read the frame and one of them failed */
  async function readCostly(frame: Frame, begun: number): Promise<Decode | undefined> {
    let fault: { readonly error: unknown } | undefined
    for (let tried = 0; tried < costly.length && now() - begun < frameBudgetMs; tried++) {
      const stage = costly[next]
      try {
        const decode = await stage?.read(frame)
        if (decode) return decode
      } catch (error) {
        fault ??= { error }
      }
      next = (next + 1) % costly.length
    }
    if (fault) throw fault.error
    return undefined
  }

  return {
    decode: async (frame) => {
      const begun = now()
      const decode = (await readFast(frame)) ?? (await readCostly(frame, begun))
      if (decode) region.hit(frame, decode)
      return decode
    },
    close: async () => {
      await Promise.all([zxing.close(), jsqr.close(), rescue?.close()])
    },
  }
}
