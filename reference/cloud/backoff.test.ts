import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Backoff } from './backoff.js'

test('after a failure nothing is tried, for a pause that doubles up to a minute', async () => {
  let now = 0
  let tried = 0
  let works = false
  const backoff = new Backoff(() => now)
  const attempt = () =>
    backoff.run(async () => {
      tried += 1
      if (!works) throw new Error(`failure ${tried}`)
      return 'token'
    })
  for (const pauseMs of [500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]) {
    const before = tried
    await assert.rejects(attempt())
    now += pauseMs - 1
    await assert.rejects(attempt(), new RegExp(`failure ${before + 1}`))
    assert.equal(tried, before + 1)
    now += 1
  }
  works = true
  assert.equal(await attempt(), 'token')
  works = false
  const before = tried
  await assert.rejects(attempt())
  now += 500
  await assert.rejects(attempt())
  assert.equal(tried, before + 2, 'a success has made the pause short again')
})
