import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runCanHour } from './can-hour.js'

const SIMULATED_SECONDS = 20

test('a full 500 kbit/s bus in virtual time: every frame arrives, the heap stays flat', async (t) => {
  let samples = 0
  const figures = await runCanHour({ simulatedSeconds: SIMULATED_SECONDS, seed: 3 }, () => samples++)
  const { frames, lost, wallSeconds, loadPercent, heapGrowthBytes, fds } = figures
  t.diagnostic(
    `${frames} frames in ${SIMULATED_SECONDS} simulated and ${wallSeconds.toFixed(1)} real seconds, ` +
      `load ${loadPercent.toFixed(1)} %, heap ${heapGrowthBytes} bytes more, fds ${JSON.stringify(fds)}`,
  )
  assert.equal(lost, 0)
  assert.equal(samples, figures.heapSamples.length)
  assert.ok(loadPercent > 99.9, String(loadPercent))
  // 135 bits at most and 111 at least.
  assert.ok(frames >= SIMULATED_SECONDS * 3_703 && frames <= SIMULATED_SECONDS * 4_505, String(frames))
})
