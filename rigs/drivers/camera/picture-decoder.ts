import { Worker } from 'node:worker_threads'
import type { PgmPicture } from '../../../reference/pictures/pgm-parser.js'
import { MalformedCameraStream, messageOf } from './camera-errors.js'

export interface PictureDecoder {
  /** One at a time. @throws MalformedCameraStream for what is no picture, or takes too long */
  decode(bytes: Buffer): Promise<PgmPicture>
  close(): Promise<void>
}

/** What the worker answers. */
export type DecodedPicture = { readonly picture: PgmPicture } | { readonly error: string }

const WORKER = new URL('./picture-worker.js', import.meta.url)
/** A picture of 16 megapixels takes a tenth of it; only one that is made to take long takes longer. */
const BUDGET_MS = 5_000

/**
 * Decodes pictures away from the main thread: a JPEG of 1280 × 720 would hold it for 10 ms and more, thirty times a
 * second, and one that was made to be slow for as long as it likes. The worker is started with the first picture.
 * @param budgetMs wall milliseconds for one picture; then its worker is ended, and the next picture gets a new one
 */
export function openPictureDecoder({ budgetMs = BUDGET_MS, worker: module = WORKER } = {}): PictureDecoder {
  let worker: Worker | undefined
  let closed = false
  /** The picture that is being decoded. */
  let owed: { readonly settle: (answer: DecodedPicture) => void } | undefined

  async function end(why: string): Promise<void> {
    const ended = worker
    worker = undefined
    owed?.settle({ error: new MalformedCameraStream(why).message })
    await ended?.terminate()
  }

  function start(): Worker {
    const started = new Worker(module)
    const isCurrent = () => started === worker
    started.on('message', (answer: DecodedPicture) => isCurrent() && owed?.settle(answer))
    started.on('error', (error: unknown) => {
      if (isCurrent()) void end(`a picture that breaks its decoder: ${messageOf(error)}`)
    })
    started.on('exit', () => {
      if (isCurrent()) void end('a picture whose decoder has ended')
    })
    return started
  }

  return {
    decode: (bytes) => {
      if (closed) return Promise.reject(new MalformedCameraStream('a picture after the end'))
      const current = (worker ??= start())
      return new Promise<PgmPicture>((resolve, reject) => {
        const budget = setTimeout(
          () => void end(`a picture that cannot be decoded within ${budgetMs} ms`),
          budgetMs,
        )
        owed = {
          settle: (answer) => {
            clearTimeout(budget)
            owed = undefined
            if ('picture' in answer) resolve(answer.picture)
            else reject(MalformedCameraStream.from(answer.error))
          },
        }
        // A copy of its own: the bytes may be part of a buffer that others look at.
        const copy = Uint8Array.from(bytes)
        current.postMessage(copy, [copy.buffer])
      })
    },
    close: async () => {
      closed = true
      await end('a picture after the end')
    },
  }
}
