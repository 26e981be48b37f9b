import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { EventEmitter } from 'node:events'
import { RigUnavailable } from './rig-errors.js'
import { SystemTime } from './system-time.js'

test('short stretches are waited for; for long ones the party is named whose time cannot be moved', async () => {
  const time = new SystemTime("the platform at http://p.example goes by the system's clock")
  const before = time.now()
  await time.advance(20)
  assert.ok(time.now() >= before + 20)
  await assert.rejects(time.advance(900_000), (error: Error) => {
    assert.ok(error instanceof RigUnavailable)
    assert.match(error.message, /900 s: the platform at http:\/\/p\.example[\s\S]*own-party/)
    return true
  })
})

test('a clock that stands until it is moved goes with the system, until it is let go', async (t) => {
  const moved = new EventEmitter()
  const seen: number[] = []
  const release = await new SystemTime('').lead({
    set: async (epochMs) => {
      seen.push(epochMs)
      moved.emit('set')
      if (seen.length === 2) throw new Error('away for a moment')
    },
  })
  t.after(release)
  assert.equal(seen.length, 1)
  await once(moved, 'set')
  await once(moved, 'set')
  assert.deepEqual(seen, [...seen].sort())
})
