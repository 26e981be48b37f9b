import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Camera, Frame } from '../../../reference/ports/camera.js'
import { CameraFeed } from './camera-feed.js'
import { keepCamera } from './keep-camera.js'

/** A camera that is plugged and unplugged by the test. */
function scriptedCamera(droppedBuffers: number) {
  const feed = new CameraFeed()
  const camera: Camera = {
    onFrame: feed.onFrame,
    onLost: feed.onLost,
    droppedBuffers,
    close: async () => feed.close(),
  }
  return { feed, camera }
}

const frame: Frame = { width: 1, height: 1, grey: new Uint8Array(1), capturedAt: 0 }
const settled = () => new Promise((resolve) => setImmediate(resolve))

test('a lost camera is opened again with longer and longer waits, and is back with its next frame', async () => {
  const plugged = [scriptedCamera(2), undefined, undefined, scriptedCamera(1)]
  const opens = [...plugged]
  const waits: number[] = []
  let stopWaiting: (error: Error) => void = () => undefined
  const camera = await keepCamera(
    async () => {
      const next = opens.shift()
      if (!next) throw new Error('it is not there')
      return next.camera
    },
    {
      firstWaitMs: 100,
      longestWaitMs: 350,
      wait: async (ms) => {
        waits.push(ms)
        // After the last opening nothing is plugged in any more.
        if (opens.length === 0) await new Promise((_, reject) => (stopWaiting = reject))
      },
    },
  )
  const events: string[] = []
  camera.onFrame(() => events.push('frame'))
  camera.onLost((reason) => events.push(reason))
  plugged[0]?.feed.frame(frame)
  plugged[0]?.feed.lose('unplugged')
  await settled()
  plugged[3]?.feed.frame(frame)
  assert.deepEqual(events, ['frame', 'unplugged', 'it is not there', 'frame'])
  assert.deepEqual(waits, [100, 200, 350])
  assert.equal(camera.droppedBuffers, 3)
  plugged[3]?.feed.lose('unplugged')
  await settled()
  assert.equal(waits[3], 100, 'after a frame the waits begin anew')
  stopWaiting(new Error('closed'))
  await camera.close()
})

test('a camera that was never there is refused, not waited for', async () => {
  await assert.rejects(
    keepCamera(() => Promise.reject(new Error('it is not there'))),
    /not there/,
  )
})

test('closing ends the wait for a lost camera', async () => {
  const { feed, camera } = scriptedCamera(0)
  const kept = await keepCamera(async () => camera)
  feed.lose('unplugged')
  await kept.close()
})
