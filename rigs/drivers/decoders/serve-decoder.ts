import { parentPort } from 'node:worker_threads'
import type { Decode } from '../../../reference/ports/decoder.js'
import type { DecodeRequest, WorkerAnswer } from './worker-protocol.js'

/** No symbol is smaller (ISO/IEC 18004: 21 modules a side), and the libraries fail on a frame of one row or column. */
const LEAST_SIDE_PIXELS = 12

/** The worker's side: reads every frame that comes, one after the other. */
export function serveDecoder(read: (frame: DecodeRequest) => Promise<readonly Decode[]>): void {
  const port = parentPort
  if (!port) throw new Error('a decoder runs in a worker: open it with openDecoder')
  const answer = (message: WorkerAnswer) => port.postMessage(message)
  const isLegible = ({ width, height }: DecodeRequest) => Math.min(width, height) >= LEAST_SIDE_PIXELS
  port.on('message', (frame: DecodeRequest) => {
    const reading = isLegible(frame) ? read(frame) : Promise.resolve([])
    reading.then(
      (decodes) => answer({ kind: 'read', decodes }),
      (error: unknown) =>
        answer({ kind: 'failed', error: error instanceof Error ? error.message : String(error) }),
    )
  })
  answer({ kind: 'ready' })
}
