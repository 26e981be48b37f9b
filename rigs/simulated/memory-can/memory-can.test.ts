import assert from 'node:assert/strict'
import { test } from 'node:test'
import { frameBits } from '../../../reference/can/frame-bits.js'
import { CanBusClosed, CanFrameNotCarried, type CanFrame } from '../../../reference/ports/can-bus.js'
import { openIsoTp } from '../../../reference/can/iso-tp-link.js'
import { createMemoryCan } from './memory-can.js'

const frame = (id: number, bytes: number[] = [], extended = false): CanFrame => ({
  id,
  extended,
  data: Uint8Array.from(bytes),
})

test('frames follow one another at 500 kbit/s, stuff bits counted', async () => {
  const can = createMemoryCan()
  const sender = can.join('a')
  const ends: number[] = []
  can.join('b').onFrame(({ timestampUs }) => ends.push(timestampUs))
  const frames = [0, 0xff, 0x55, 0x00].map((byte) => frame(0x123, Array(8).fill(byte) as number[]))
  await Promise.all(frames.map((each) => sender.send(each)))
  const gaps = ends.slice(1).map((end, i) => end - (ends[i] as number))
  for (const [i, gap] of gaps.entries()) {
    assert.ok(Math.abs(gap - frameBits(frames[i + 1] as CanFrame) * 2) <= 1, `gap ${i}: ${gap} µs`)
  }
  await can.close()
})

test('of the frames that are due on each node, the one with the lowest id goes first', async () => {
  const can = createMemoryCan()
  const [a, b, c] = [can.join('a'), can.join('b'), can.join('c')]
  const order: string[] = []
  can.tap(({ id }, sender) => order.push(`${sender}:${id.toString(16)}`))
  await Promise.all([
    a.send(frame(0x700)),
    a.send(frame(0x300)),
    b.send(frame(0x200)),
    b.send(frame(0x100)),
    c.send(frame(0x250)),
  ])
  assert.deepEqual(order, ['b:200', 'b:100', 'c:250', 'a:700', 'a:300'])
  await can.close()
})

test('who answers a frame takes part in the next arbitration', async () => {
  const can = createMemoryCan()
  const [a, b] = [can.join('a'), can.join('b')]
  const order: number[] = []
  can.tap(({ id }) => order.push(id))
  let answered: Promise<void> | undefined
  b.onFrame(({ id }) => {
    if (id === 0x400) answered = b.send(frame(0x100))
  })
  await Promise.all([a.send(frame(0x400)), a.send(frame(0x500))])
  await answered
  assert.deepEqual(order, [0x400, 0x100, 0x500])
  await can.close()
})

test('a dropping receiver counts its losses; the others and the tap hear the frames', async () => {
  const can = createMemoryCan()
  const [a, b, c] = [can.join('a'), can.join('b'), can.join('c')]
  const heard = { b: 0, c: 0, tap: 0 }
  b.onFrame(() => heard.b++)
  c.onFrame(() => heard.c++)
  can.tap(() => heard.tap++)
  const losses: number[] = []
  b.onLoss(({ frames }) => losses.push(frames))
  const mend = can.dropTo('b', ({ id }) => id === 0x10)
  await a.send(frame(0x10))
  await a.send(frame(0x11))
  mend()
  await a.send(frame(0x10))
  assert.deepEqual(heard, { b: 2, c: 3, tap: 3 })
  assert.equal(b.lost.frames, 1)
  assert.deepEqual(losses, [1])
  assert.equal(c.lost.frames, 0)
  await can.close()
})

test('closing refuses the frames that wait', async () => {
  const can = createMemoryCan()
  const a = can.join('a')
  can.join('b')
  const first = a.send(frame(1))
  const second = assert.rejects(a.send(frame(2)), CanBusClosed)
  // A turn of the event loop later the first frame is on the wire, where nobody can call it back.
  await new Promise((resolve) => setImmediate(resolve))
  await a.close()
  await second
  await first
  await can.close()
  assert.throws(() => can.join('b'), CanBusClosed)
})

test('a CAN FD frame is refused where the bus is a classic one', async () => {
  const can = createMemoryCan({ classic: true })
  await assert.rejects(can.join('a').send({ ...frame(1), fd: true }), CanFrameNotCarried)
  await can.close()
})

test('flags that are false arrive as they were given', async () => {
  const can = createMemoryCan()
  const [a, b] = [can.join('a'), can.join('b')]
  const heard = new Promise<CanFrame>((resolve) => b.onFrame(resolve))
  const given = { ...frame(1), bitrateSwitch: false }
  await a.send(given)
  assert.deepEqual({ ...(await heard), timestampUs: 0 }, { ...given, timestampUs: 0 })
  await can.close()
})

test('what a listener does to a frame reaches nobody else', async () => {
  const can = createMemoryCan()
  const [a, b, c] = [can.join('a'), can.join('b'), can.join('c')]
  b.onFrame(({ data }) => data.fill(0))
  const heard = new Promise<Uint8Array>((resolve) => c.onFrame(({ data }) => resolve(data)))
  const data = Uint8Array.of(7)
  const sent = a.send({ id: 1, extended: false, data })
  data[0] = 9
  await sent
  assert.deepEqual(await heard, Uint8Array.of(7))
  await can.close()
})

test('ISO-TP carries its longest message over the paced bus', async () => {
  const can = createMemoryCan()
  const [a, b] = [can.join('a'), can.join('b')]
  const sender = openIsoTp(a, { transmitId: 0x6a0, receiveId: 0x6a8, extended: false })
  const receiver = openIsoTp(b, { transmitId: 0x6a8, receiveId: 0x6a0, extended: false })
  const payload = Uint8Array.from({ length: 4095 }, (_, i) => i % 251)
  const received = new Promise<Uint8Array>((resolve) => receiver.onMessage(resolve))
  let endUs = 0
  can.tap(({ timestampUs }) => (endUs = timestampUs))
  await sender.send(payload)
  assert.deepEqual(await received, payload)
  // 585 data frames and 74 flow controls of 111 to 135 bits, at 2 µs a bit: none can have been faster.
  assert.ok(endUs >= 659 * 111 * 2, `${endUs} µs`)
  sender.close()
  receiver.close()
  await can.close()
})
