import assert from 'node:assert/strict'
import { test } from 'node:test'
import { frameFuzz } from './frame-fuzz.js'
import { fuzz } from './fuzz.js'

test('whatever is passed for a frame is refused by name, or arrives as it was', async (t) => {
  const { inputs, accepted, refused, slowestMs } = await fuzz(frameFuzz, { count: 20_000, seed: 11_898 })
  t.diagnostic(
    `${inputs} frames: ${accepted} accepted, ${JSON.stringify(refused)}, slowest ${slowestMs.toFixed(1)} ms`,
  )
  assert.ok(accepted > inputs / 5, 'the maker makes sound ones')
  for (const name of ['MalformedCanFrame', 'CanFrameNotCarried', 'CanSendQueueFull']) {
    assert.ok((refused[name] ?? 0) > 100, name)
  }
})
