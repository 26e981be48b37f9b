import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EarlierEvents } from './earlier-events.js'
import type { WireMessage } from './wire-log.js'

const event = (id: string): WireMessage => ({
  wire: 'lock',
  from: 'lock',
  to: 'platform',
  name: 'bolt-changed',
  body: { id },
})

test('an event that a lock sends again in the next scenario counts as earlier', () => {
  const earlier = new EarlierEvents()
  const command: WireMessage = { ...event('c-1'), from: 'platform' }
  earlier.note([event('e-1'), command])
  assert.ok(earlier.has(event('e-1')))
  assert.ok(!earlier.has(event('e-2')))
  assert.ok(!earlier.has(command), 'a command is sent again for a reason of the running scenario')
  assert.ok(!earlier.has({ ...event('e-1'), name: 'status', body: { online: true } }))
})
