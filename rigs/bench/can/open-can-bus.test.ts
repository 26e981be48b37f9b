import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { test } from 'node:test'
import { openCanBus } from './open-can-bus.js'

test('two nodes that name the same bus hear each other, and no other bus', async () => {
  const [a, b, c] = await Promise.all(
    ['memory:open-test', 'memory:open-test', 'memory:other'].map((url) => openCanBus(url)),
  )
  const heard = new EventEmitter()
  let foreign = 0
  b?.onFrame((frame) => heard.emit('frame', frame.id))
  c?.onFrame(() => foreign++)
  const arrived = once(heard, 'frame')
  await a?.send({ id: 0x123, extended: false, data: new Uint8Array(0) })
  assert.deepEqual(await arrived, [0x123])
  assert.equal(foreign, 0)
  for (const bus of [a, b, c]) await bus?.close()
})

test('a text that is no URL of a bus is refused by name', async () => {
  await assert.rejects(openCanBus('usb:can0'), { name: 'InvalidCanUrl' })
})
