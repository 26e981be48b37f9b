import type { Frame } from '../../../reference/ports/camera.js'
import type { Decode, Decoder } from '../../../reference/ports/decoder.js'
import { distinct } from './distinct.js'
import { paintOver } from './paint-over.js'
import type { WorkerDecoder } from './worker-decoder.js'
import { ZXING_STAGES } from './zxing-stages.js'

/** One way to read a frame. */
interface Stage {
  readonly name: string
  readonly read: (frame: Frame) => Promise<readonly Decode[]>
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

/** Costly ways for a frame in which only codes are read that the last frames have shown as well. */
const STAGES_BESIDE_KNOWN = 1
/** Frames without a code after which it counts as another one when it comes again. */
const KNOWN_FOR_FRAMES = 8

/**
 * Fast path first, which reads every plain code in the frame. On a miss the costly ways, until the frame's budget is
 * spent; where one frame's budget ends the next frame goes on, so that over some frames all of them have had their turn.
 * The way that read the last code is the first to be tried. A frame that shows nothing but codes of the last frames, a
 * sticker beside the lens for instance, has one costly way a frame look at what else is in it.
 */
export function createPipeline({
  zxing,
  jsqr,
  rescue,
  frameBudgetMs,
  now = () => performance.now(),
}: PipelineParts): Decoder {
  const costly: Stage[] = [
    ...ZXING_STAGES.filter((name) => name !== 'fast').map((name) => ({
      name,
      read: (frame: Frame) => zxing.decode(frame, name),
    })),
    { name: 'jsqr', read: (frame) => jsqr.decode(frame) },
    ...(rescue ? [{ name: 'rescue', read: (frame: Frame) => rescue.decode(frame) }] : []),
  ]
  let next = 0
  let frames = 0
  /** Texts that were read, with the last frame that showed them. */
  const known = new Map<string, number>()

  /** @returns what the first way that reads anything has read */
  async function readCostly(frame: Frame, mayGoOn: (tried: number) => boolean): Promise<readonly Decode[]> {
    let fault: { readonly error: unknown } | undefined
    for (let tried = 0; tried < costly.length && mayGoOn(tried); tried++) {
      const stage = costly[next]
      try {
        const decodes = (await stage?.read(frame)) ?? []
        if (decodes.length > 0) return decodes
      } catch (error) {
        fault ??= { error }
      }
      next = (next + 1) % costly.length
    }
    if (fault) throw fault.error
    return []
  }

  function remember(decodes: readonly Decode[]): void {
    frames++
    for (const { text } of decodes) known.set(text, frames)
    for (const [text, at] of known) if (frames - at >= KNOWN_FOR_FRAMES) known.delete(text)
  }

  async function read(frame: Frame): Promise<readonly Decode[]> {
    const begun = now()
    const plain = await zxing.decode(frame, 'fast')
    if (plain.length === 0) return readCostly(frame, () => now() - begun < frameBudgetMs)
    if (plain.some(({ text }) => !known.has(text))) return plain
    const rest = { ...paintOver(frame, plain), capturedAt: frame.capturedAt }
    // What is known is reported whether or not the search for more comes to an end.
    const more = await readCostly(rest, (tried) => tried < STAGES_BESIDE_KNOWN).catch(() => [])
    return distinct([...plain, ...more])
  }

  return {
    decode: async (frame) => {
      const decodes = await read(frame)
      remember(decodes)
      return decodes
    },
    close: async () => {
      await Promise.all([zxing.close(), jsqr.close(), rescue?.close()])
    },
  }
}
