import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CanSendQueueFull, type CanFrame } from '../../../reference/ports/can-bus.js'
import { createMemoryCan } from '../../simulated/memory-can/memory-can.js'
import { sendTraffic } from './traffic.js'

const frames = ['01', '02', '03'].map((data, i) => ({ id: 0x100 + i, extended: false, data }))
const flood = { frames, count: 2_000, framesPerSecond: 0, stamped: false }

test('a flood sends the planned frames in turn, and never has more than 256 of them under way', async () => {
  const can = createMemoryCan({ pace: 'virtual' })
  const [sender, receiver] = [can.join('sender', { sendQueue: 256 }), can.join('receiver')]
  const ids: number[] = []
  receiver.onFrame(({ id }) => ids.push(id))
  await sendTraffic(flood, sender)
  await can.close()
  assert.deepEqual(
    ids,
    Array.from({ length: flood.count }, (_, n) => 0x100 + (n % 3)),
  )
})

test('a flood ends with the error of a frame that could not be sent', async () => {
  const can = createMemoryCan({ pace: 'virtual' })
  can.join('receiver')
  await assert.rejects(sendTraffic(flood, can.join('sender', { sendQueue: 100 })), CanSendQueueFull)
  await can.close()
})

test('a stamped frame carries when it was given to send', async () => {
  const can = createMemoryCan({ pace: 'virtual' })
  const [sender, receiver] = [can.join('sender'), can.join('receiver')]
  const heard: CanFrame[] = []
  receiver.onFrame((frame) => heard.push(frame))
  const before = process.hrtime.bigint()
  await sendTraffic({ frames, count: 5, framesPerSecond: 100_000, stamped: true }, sender)
  await can.close()
  const stamps = heard.map(({ data }) => new DataView(data.buffer, data.byteOffset).getBigUint64(0, true))
  assert.equal(stamps.length, 5)
  const moments = [before, ...stamps, process.hrtime.bigint()]
  for (let i = 1; i < moments.length; i++) assert.ok((moments[i] as bigint) >= (moments[i - 1] as bigint))
})
