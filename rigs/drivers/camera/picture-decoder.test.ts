import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MalformedCameraStream } from './camera-errors.js'
import { decodePicture } from './decode-picture.js'
import { jpeg } from './fixtures/mjpeg-server.js'
import { openPictureDecoder } from './picture-decoder.js'

test('pictures come out of the worker as they would come out here, and damaged ones by name', async (t) => {
  const decoder = openPictureDecoder()
  t.after(() => decoder.close())
  const picture = jpeg(64, 48, 130)
  assert.deepEqual(await decoder.decode(picture), await decodePicture(picture))
  assert.ok(picture.length > 0, 'the bytes are still their owner’s')
  await assert.rejects(
    decoder.decode(picture.subarray(0, picture.length - 40)),
    /MalformedCameraStream.*cut off/,
  )
  assert.equal((await decoder.decode(jpeg(80, 60, 30))).width, 80)
  await decoder.close()
  await assert.rejects(decoder.decode(picture), MalformedCameraStream)
})

test('a picture that holds its worker for ever holds nobody else, and is refused by name', async (t) => {
  const stuck = new URL('./fixtures/stuck-worker.js', import.meta.url)
  const decoder = openPictureDecoder({ budgetMs: 50, worker: stuck })
  t.after(() => decoder.close())
  for (let nth = 0; nth < 2; nth++) {
    await assert.rejects(decoder.decode(jpeg(64, 48, 130)), /MalformedCameraStream.*within 50 ms/)
  }
  await decoder.close()
})
