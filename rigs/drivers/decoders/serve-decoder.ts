import { parentPort } from 'node:worker_threads'
import type { Decode } from '../../../reference/ports/decoder.js'
import type { DecodeRequest, WorkerAnswer } from './worker-protocol.js'

/** The worker's side: reads every frame that comes, one after the other. */
export function serveDecoder(read: (frame: DecodeRequest) => Promise<Decode | undefined>): void {
  const port = parentPort
  if (!port) throw new Error('a decoder runs in a worker: open it with openDecoder')
  const answer = (message: WorkerAnswer) => port.postMessage(message)
  port.on('message', (frame: DecodeRequest) => {
    read(frame).then(
      (decode) => answer({ kind: 'read', decode }),
      (error: unknown) =>
        answer({ kind: 'failed', error: error instanceof Error ? error.message : String(error) }),
    )
  })
  answer({ kind: 'ready' })
}
