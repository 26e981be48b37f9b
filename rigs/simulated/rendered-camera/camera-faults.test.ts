import assert from 'node:assert/strict'
import { test } from 'node:test'
import qrcode from 'qrcode'
import { CameraHealth } from '../../../reference/scanner/camera-health.js'
import { LENS_FAULTS, throughFaultyLens } from './camera-faults.js'
import type { Pose } from './pose.js'
import { emptyScene, sceneWithDevice } from './scene.js'
import { createSensor } from './sensor.js'

const SIZES = [
  { width: 640, height: 480 },
  { width: 1280, height: 720 },
]

/** What a camera's health says after some frames of a scene. */
function faultsOf(scene: Uint8Array, size: (typeof SIZES)[number], noise = 4): readonly string[] {
  const sense = createSensor(size, 5, noise)
  const health = new CameraHealth({ size, fps: 10 })
  for (let i = 0; i < 6; i++) health.frame({ ...size, grey: sense(scene), capturedAt: i * 100 })
  return health.faults
}

const picture = () =>
  qrcode.toBuffer('112345678901234567890142', { version: 2, errorCorrectionLevel: 'H', scale: 8 })

test('each lens fault gets its own name, at both sizes and noises, near and far', async () => {
  for (const size of SIZES) {
    for (const pose of [{}, { timesFarther: 1.6, rotationDegrees: 20 }] satisfies Pose[]) {
      const scene = await sceneWithDevice(size, await picture(), 'phone', pose)
      for (const fault of LENS_FAULTS) {
        const seen = throughFaultyLens(scene, size, fault)
        for (const noise of [2, 5])
          assert.deepEqual(faultsOf(seen, size, noise), [fault], `${size.width} ${noise}`)
      }
    }
  }
})

test('what a healthy camera sees is no fault: nothing, a code near and far, at a tilt, moved, half lit', async () => {
  for (const size of SIZES) {
    assert.deepEqual(faultsOf(emptyScene(size), size), [])
    for (const pose of [
      {},
      { timesFarther: 4 },
      { tiltDegrees: 40, rotationDegrees: 33 },
      { blur: 1 },
      { shake: 6 },
      { brightness: 0.4 },
      { glare: 0.5 },
      { inverted: true },
      { moire: 0.6 },
    ] satisfies Pose[]) {
      const scene = await sceneWithDevice(size, await picture(), 'phone', pose)
      assert.deepEqual(faultsOf(scene, size), [], `${size.width} ${JSON.stringify(pose)}`)
    }
  }
})
