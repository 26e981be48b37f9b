import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { DEFAULT_HEALTH_THRESHOLDS } from '../../../reference/scanner/camera-fault.js'
import { openDecoder } from '../../drivers/decoders/open-decoder.js'
import { drawQrCode } from '../stage/pictures.js'
import { openCameraSource } from './camera-source.js'
import { CalibrationUnreadable, readCalibration } from './rig-calibration.js'

test('a lock’s camera may be a folder of pictures, judged by the rig’s own calibration', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-frames-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, '1.png'), await drawQrCode('112345678901234567890142'))
  const file = join(folder, 'eye.json')
  const thresholds = { ...DEFAULT_HEALTH_THRESHOLDS, darkMean: 55 }
  writeFileSync(file, JSON.stringify({ version: 1, size: { width: 330, height: 330 }, thresholds }))
  const { camera, health } = await openCameraSource({
    url: `file:${folder}/1.png?fps=20&loop=forever`,
    calibration: readCalibration(file),
  })
  assert.equal(health.thresholds?.darkMean, 55)
  assert.deepEqual(health.size, { width: 330, height: 330 })
  const decoder = await openDecoder('zxing')
  const frame = await new Promise<Parameters<typeof decoder.decode>[0]>((resolve) => camera.onFrame(resolve))
  assert.equal((await decoder.decode(frame))[0]?.text, '112345678901234567890142')
  await camera.close()
  await decoder.close()
})

test('a calibration that is none is a fault of the rig, told with its file', () => {
  assert.throws(
    () => readCalibration('/no/such/eye.json'),
    (error: unknown) => {
      assert.ok(error instanceof CalibrationUnreadable)
      assert.match(error.message, /\/no\/such\/eye\.json[^]*--calibrate/)
      return true
    },
  )
})
