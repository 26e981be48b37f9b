import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { readCalibration } from '../camera/rig-calibration.js'
import { loadProfile } from '../profile.js'
import { examineCamera } from './camera-doctor.js'
import type { Finding } from './finding.js'
import { noHands } from './hands.js'

function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-eye-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function examined(camera: { url: string; calibration?: string }, calibrateTo?: string) {
  const findings: Finding[] = []
  const profile = { ...loadProfile('virtual'), camera }
  const options = { say: () => undefined, ...(calibrateTo !== undefined && { calibrateTo }) }
  await examineCamera(profile, noHands(false), options, (finding) => findings.push(finding))
  return Object.fromEntries(
    findings.map(({ step, verdict, note = '' }) => [step, `${verdict} ${note}`.trim()]),
  )
}

test('a sound camera passes, and what was measured at the card is what its health is held against later', async (t) => {
  const file = join(newFolder(t), 'eye.json')
  const first = await examined({ url: 'rendered:?fps=20&size=1280x720' }, file)
  assert.deepEqual(first, {
    'camera frame rate': 'pass',
    'camera health': 'pass 1280 × 720 pixels',
    'target card is read': 'pass',
    'camera calibration': 'pass',
  })
  assert.deepEqual(readCalibration(file).size, { width: 1_280, height: 720 })
  const later = await examined({ url: 'rendered:?fps=20&size=1280x720', calibration: file })
  assert.deepEqual(later, first)
})

test('a fogged lens fails, by name, and nothing is written', async (t) => {
  const file = join(newFolder(t), 'eye.json')
  const found = await examined({ url: 'rendered:?fps=20&fault=fogged' }, file)
  assert.equal(found['camera health'], 'fail fogged')
  assert.match(found['camera calibration'] ?? '', /^fail .*cannot be calibrated/)
  assert.equal(existsSync(file), false)
})

test('a camera that is not there, and a calibration that is none, fail by name', async () => {
  assert.match((await examined({ url: 'file:/no/such/frames/' }))['camera'] ?? '', /^fail .*no.such.frames/)
  const camera = { url: 'file:/no/such/frames/', calibration: '/no/such/eye.json' }
  assert.match((await examined(camera))['camera'] ?? '', /^fail .*eye\.json/)
})
