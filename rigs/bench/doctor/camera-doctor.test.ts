import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { Frame } from '../../../reference/ports/camera.js'
import { readCalibration } from '../camera/rig-calibration.js'
import { loadProfile } from '../profile.js'
import { examineCamera, judgeFrames } from './camera-doctor.js'
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

test('what was measured at the card is what the camera’s health is held against later', async (t) => {
  const file = join(newFolder(t), 'eye.json')
  const first = await examined({ url: 'rendered:?fps=20&size=1280x720' }, file)
  // Rate and health are the host's as well: a busy one drops frames.
  const ofCard = ['target card is read', 'camera calibration'].map((step) => first[step])
  assert.deepEqual(ofCard, ['pass', 'pass'])
  assert.deepEqual(readCalibration(file).size, { width: 1_280, height: 720 })
  const later = await examined({ url: 'rendered:?fps=20&size=1280x720', calibration: file })
  assert.equal(later['camera calibration'], 'pass')
})

test('a fogged lens fails, by name, and nothing is written', async (t) => {
  const file = join(newFolder(t), 'eye.json')
  const found = await examined({ url: 'rendered:?fps=20&fault=fogged' }, file)
  assert.match(found['camera health'] ?? '', /^fail .*fogged/)
  assert.match(found['camera calibration'] ?? '', /^fail .*cannot be calibrated/)
  assert.equal(existsSync(file), false)
})

/** Frames of stripes at these times, milliseconds; the same picture never comes twice. */
const stripes = (times: readonly number[]): Frame[] =>
  times.map((capturedAt, n) => ({
    width: 64,
    height: 48,
    grey: Uint8Array.from({ length: 64 * 48 }, (_, i) => (i === n ? 128 : i % 16 < 8 ? 20 : 220)),
    capturedAt,
  }))
const evenly = (periodMs: number) => Array.from({ length: 31 }, (_, n) => n * periodMs)
const verdicts = (frames: readonly Frame[], options = {}) =>
  judgeFrames(frames, options).map(({ step, verdict, note }) => [step, verdict, note])

test('frames are judged by their rate, their gaps, and what they show', () => {
  assert.deepEqual(verdicts(stripes(evenly(50))), [
    ['camera frame rate', 'pass', undefined],
    ['camera health', 'pass', '64 × 48 pixels'],
  ])
  assert.deepEqual(verdicts(stripes(evenly(500)))[0], ['camera frame rate', 'fail', undefined])
  assert.deepEqual(verdicts(stripes(evenly(50)), { fps: 30 })[0]?.[1], 'fail')
  const gaps = evenly(50).map((at, n) => at + 50 * Math.floor(n / 3))
  assert.deepEqual(verdicts(stripes(gaps), { fps: 20 })[1], [
    'camera health',
    'marginal',
    'cable, USB bandwidth, or a busy host',
  ])
  const small = { size: { width: 640, height: 480 } }
  assert.deepEqual(verdicts(stripes(evenly(50)), small)[1], ['camera health', 'fail', 'wrong-resolution'])
  assert.deepEqual(verdicts(stripes([0, 50])), [['camera frames', 'fail', undefined]])
})

test('a camera that is not there, and a calibration that is none, fail by name', async () => {
  assert.match((await examined({ url: 'file:/no/such/frames/' }))['camera'] ?? '', /^fail .*no.such.frames/)
  const camera = { url: 'file:/no/such/frames/', calibration: '/no/such/eye.json' }
  assert.match((await examined(camera))['camera'] ?? '', /^fail .*eye\.json/)
})
