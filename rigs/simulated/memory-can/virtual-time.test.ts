import assert from 'node:assert/strict'
import { test } from 'node:test'
import { phaseBits } from '../../../reference/can/frame-bits.js'
import { CanBusClosed } from '../../../reference/ports/can-bus.js'
import { seededRandom } from '../seeded-random.js'
import { createMemoryCan } from './memory-can.js'
import { durationUs, frame, idsHeardBy } from './test-bus.js'

test('time is the sum of what was sent, to the bit', async () => {
  const can = createMemoryCan({ pace: 'virtual' })
  const a = can.join('a')
  can.join('b')
  let sumUs = 0
  for (let id = 0; id < 300; id++) {
    const sent = frame(id, [id & 0xff, 0, 0xff])
    await a.send(sent)
    sumUs += durationUs(sent)
  }
  assert.equal(can.nowUs, sumUs)
  await can.close()
})

test('the data phase of an FD frame with BRS runs at the data bit rate', async () => {
  const can = createMemoryCan({ pace: 'virtual', bitrate: 500_000, dataBitrate: 4_000_000 })
  const a = can.join('a')
  can.join('b')
  const slow = frame(0x123, Array(64).fill(0x55) as number[], { fd: true })
  const fast = { ...slow, bitrateSwitch: true }
  await a.send(slow)
  const slowUs = can.nowUs
  await a.send(fast)
  assert.equal(slowUs, phaseBits(slow).nominal * 2)
  assert.equal(can.nowUs - slowUs, phaseBits(fast).nominal * 2 + phaseBits(fast).data / 4)
  await can.close()
})

test('the same calls give the same frames at the same times, however often they are made', async () => {
  const run = async () => {
    const can = createMemoryCan({ pace: 'virtual' })
    const nodes = ['a', 'b', 'c'].map((name) => can.join(name))
    const heard: string[] = []
    can.tap(({ id, timestampUs }, sender) => heard.push(`${timestampUs} ${sender} ${id}`))
    can.faults.corrupt(undefined, { probability: 0.02, seed: 4 })
    const random = seededRandom(11)
    await Promise.all(
      nodes.map(async (node, n) => {
        for (let i = 0; i < 100; i++) {
          await node.send(frame(Math.floor(random() * 0x100) * 4 + n, [i]))
          if (random() < 0.2) await can.waitUntil(can.nowUs + 500)
        }
      }),
    )
    await can.close()
    return heard
  }
  const first = await run()
  assert.equal(first.length, 300)
  assert.deepEqual(await run(), first)
})

test('idle time is leapt over to the moment that is waited for', async () => {
  const can = createMemoryCan({ pace: 'virtual' })
  const order: number[] = []
  await Promise.all(
    [3_600_000_000, 5, 5, 1_000].map((atUs) => can.waitUntil(atUs).then(() => order.push(can.nowUs))),
  )
  assert.deepEqual(order, [5, 5, 1_000, 3_600_000_000])
  await can.waitUntil(1)
  assert.equal(can.nowUs, 3_600_000_000)
  await assert.rejects(can.waitUntil(Number.NaN), RangeError)
  const waiting = assert.rejects(can.waitUntil(4_000_000_000), CanBusClosed)
  await can.close()
  await waiting
})

test('a bit rate that no transceiver is made for is refused', () => {
  for (const bitrate of [0, -1, Number.NaN, 9_000_000]) {
    assert.throws(() => createMemoryCan({ bitrate }), RangeError)
    assert.throws(() => createMemoryCan({ dataBitrate: bitrate }), RangeError)
  }
})

test('a node that joins while a frame is on the wire hears the next one', async () => {
  const can = createMemoryCan({ pace: 'virtual' })
  const a = can.join('a')
  can.join('b')
  const sent = a.send(frame(1))
  await can.waitUntil(20)
  const heard = idsHeardBy(can.join('late'))
  await sent
  await a.send(frame(2))
  assert.deepEqual(heard, [2])
  await can.close()
})
