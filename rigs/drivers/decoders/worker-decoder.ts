import { Worker } from 'node:worker_threads'
import type { Frame } from '../../../reference/ports/camera.js'
import type { Decode, Decoder } from '../../../reference/ports/decoder.js'
import type { DecodeRequest, WorkerAnswer } from './worker-protocol.js'
import { RigFault } from '../../../reference/ports/faults.js'

/** Thrown by `decode` when a frame took too long; the decoder was started afresh and the next frame may do. */
export class DecodeBudgetExceeded extends RigFault {
  override readonly name = 'DecodeBudgetExceeded'
  constructor(decoder: string, budgetMs: number) {
    super(`${decoder} did not read a frame within ${budgetMs} ms; it was stopped and started afresh`)
  }
}

/** Thrown by `decode` when the decoder itself fails or is closed. */
export class DecoderFailed extends RigFault {
  override readonly name = 'DecoderFailed'
  constructor(decoder: string, why: string, options?: ErrorOptions) {
    super(`the decoder ${decoder} failed: ${why}`, options)
  }
}

/** A decoder whose worker may have several ways to read a frame. */
export interface WorkerDecoder extends Decoder {
  /** @param stage a way that the worker knows; its first one by default */
  decode(frame: Frame, stage?: string): Promise<readonly Decode[]>
}

/** One worker and the answer it owes. */
class DecoderThread {
  readonly #worker: Worker
  readonly ready: Promise<void>
  #owed: { resolve: (decodes: readonly Decode[]) => void; reject: (error: Error) => void } | undefined
  #dead: Error | undefined

  constructor(
    private readonly name: string,
    module: URL,
  ) {
    this.#worker = new Worker(module)
    this.ready = new Promise((resolve, reject) => {
      this.#worker.on('message', (answer: WorkerAnswer) => {
        if (answer.kind === 'ready') resolve()
        else if (answer.kind === 'read') this.#owed?.resolve(answer.decodes)
        else this.#owed?.reject(new DecoderFailed(name, answer.error))
      })
      const die = (error: Error) => {
        this.#dead ??= error
        reject(this.#dead)
        this.#owed?.reject(this.#dead)
      }
      this.#worker.on('error', (error: unknown) =>
        die(new DecoderFailed(name, 'its worker crashed', { cause: error })),
      )
      this.#worker.on('exit', () => die(new DecoderFailed(name, 'its worker has ended')))
    })
    this.ready.catch(() => undefined)
  }

  get isAlive(): boolean {
    return this.#dead === undefined
  }

  decode(request: DecodeRequest): Promise<readonly Decode[]> {
    return new Promise((resolve, reject) => {
      if (this.#dead) return reject(this.#dead)
      this.#owed = { resolve, reject }
      this.#worker.postMessage(request, [request.grey.buffer as ArrayBuffer])
    })
  }

  async end(error: Error = new DecoderFailed(this.name, 'it is closed')): Promise<void> {
    this.#dead ??= error
    this.#owed?.reject(this.#dead)
    await this.#worker.terminate()
  }
}

/**
 * A decoder in a worker of its own, so that a frame that takes long never stops the lock. It reads one frame at a time
 * (a second one waits), each within `budgetMs` of wall time.
 * @throws DecoderFailed when its worker cannot start
 */
export async function openWorkerDecoder(name: string, module: URL, budgetMs: number): Promise<WorkerDecoder> {
  let thread = new DecoderThread(name, module)
  let last: Promise<unknown> = Promise.resolve()
  let closed = false
  await thread.ready

  async function decode(frame: Frame, stage?: string): Promise<readonly Decode[]> {
    if (closed) throw new DecoderFailed(name, 'it is closed')
    if (!thread.isAlive) thread = new DecoderThread(name, module)
    const current = thread
    await current.ready
    // The one copy: the frame stays with its owner, the copy's memory moves into the worker.
    const request = {
      width: frame.width,
      height: frame.height,
      grey: frame.grey.slice(),
      ...(stage !== undefined && { stage }),
    }
    const budget = setTimeout(() => void current.end(new DecodeBudgetExceeded(name, budgetMs)), budgetMs)
    return current.decode(request).finally(() => clearTimeout(budget))
  }

  return {
    decode: (frame, stage) => {
      const turn = last.then(() => decode(frame, stage))
      last = turn.catch(() => undefined)
      return turn
    },
    close: async () => {
      closed = true
      await thread.end()
    },
  }
}
