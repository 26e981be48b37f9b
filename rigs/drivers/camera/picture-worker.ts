/** The worker in which a camera's pictures are decoded: bytes come in, grey pixels or an error's text go out. */
import { parentPort } from 'node:worker_threads'
import { decodePicture } from './decode-picture.js'
import { messageOf } from './camera-errors.js'
import type { DecodedPicture } from './picture-decoder.js'

const port = parentPort
if (!port) throw new Error('pictures are decoded in a worker: open it with openPictureDecoder')
port.on('message', (bytes: Uint8Array) => {
  decodePicture(bytes).then(
    (picture) => port.postMessage({ picture } satisfies DecodedPicture, [picture.grey.buffer as ArrayBuffer]),
    (error: unknown) => port.postMessage({ error: messageOf(error) } satisfies DecodedPicture),
  )
})
