import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CanBusUnavailable } from '../../../reference/ports/can-bus.js'
import { joinMemoryCan } from './named-memory-can.js'
import { frame, idsHeardBy } from './test-bus.js'

test('nodes that name the same bus share it; those of another bus hear nothing of it', async () => {
  const [a, b, other] = [
    joinMemoryCan({ name: 'one' }, 'a'),
    joinMemoryCan({ name: 'one', bitrate: 500_000 }, 'b'),
    joinMemoryCan({ name: '' }, 'c'),
  ]
  const [heard, nothing] = [idsHeardBy(b), idsHeardBy(other)]
  await a.send(frame(0x12))
  assert.deepEqual([heard, nothing], [[0x12], []])
  for (const node of [a, b, other]) await node.close()
})

test('a second node with another bit rate is refused by name', async () => {
  const a = joinMemoryCan({ name: 'two', bitrate: 250_000 }, 'a')
  for (const wrong of [{ bitrate: 500_000 }, { dataBitrate: 5_000_000 }]) {
    assert.throws(
      () => joinMemoryCan({ name: 'two', ...wrong }, 'b'),
      (error) =>
        error instanceof CanBusUnavailable &&
        error.reason === 'wrong-bitrate' &&
        error.url === 'memory:two' &&
        /250000|2000000/.test(error.message),
    )
  }
  await a.close()
})

test('the last who closes ends the bus, and the name is free for one of another bit rate', async () => {
  const [a, b] = [joinMemoryCan({ name: 'three' }, 'a'), joinMemoryCan({ name: 'three' }, 'b')]
  await a.close()
  await a.close()
  assert.throws(() => joinMemoryCan({ name: 'three', bitrate: 125_000 }, 'c'), CanBusUnavailable)
  await b.close()
  const c = joinMemoryCan({ name: 'three', bitrate: 125_000 }, 'c')
  await b.close()
  const d = joinMemoryCan({ name: 'three' }, 'd')
  const heard = idsHeardBy(d)
  await c.send(frame(0x1))
  assert.deepEqual(heard, [0x1])
  await Promise.all([c.close(), d.close()])
})

test('a bus that cannot be made is not kept under its name', async () => {
  assert.throws(() => joinMemoryCan({ name: 'four', bitrate: 1 }, 'a'), RangeError)
  const a = joinMemoryCan({ name: 'four', bitrate: 1_000 }, 'a')
  await a.close()
})
