import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CanBusClosed, CanBusFault } from '../../../reference/ports/can-bus.js'
import { createMemoryCan } from './memory-can.js'
import { BIT_US, counters, durationUs, errorsOf, frame, idsHeardBy, inWords } from './test-bus.js'

const always = { probability: 1, seed: 1 }
/** Error flag, delimiter and intermission in place of what follows the ACK slot. */
const UNACKNOWLEDGED_BITS = 6 + 8 + 3 - 11
const SUSPENSION_BITS = 8

test('a node alone goes error-passive, no worse, and its frame arrives once another joins', async () => {
  const can = createMemoryCan({ pace: 'virtual' })
  const a = can.join('a')
  const errors = errorsOf(a)
  const sent = a.send(frame(0x10, [1]))
  // Sixteen attempts move the counter; many more would follow.
  await can.waitUntil(100 * durationUs(frame(0x10, [1])))
  assert.deepEqual(counters(a), ['error-passive', 128, 0])
  const words = errors.map(inWords)
  assert.equal(words[0], 'noAcknowledgement+busError 0 8/0')
  assert.equal(words[11], 'controller+noAcknowledgement+busError 8 96/0')
  assert.equal(words[15], 'controller+noAcknowledgement+busError 20 128/0')
  assert.equal(words[16], 'noAcknowledgement+busError 0 128/0')
  assert.equal(errors[0]?.data[3], 0x19, 'in the ACK slot')
  const heard = idsHeardBy(can.join('b'))
  await sent
  assert.deepEqual(heard, [0x10])
  // Rule g takes one away for a frame that was sent.
  assert.deepEqual(counters(a), ['error-warning', 127, 0])
  assert.equal(inWords(errors.at(-1) as never), 'controller 8 127/0')
  await can.close()
})

test('attempts that nobody acknowledges take bus time, and longer ones from an error-passive node', async () => {
  const can = createMemoryCan({ pace: 'virtual' })
  const a = can.join('a')
  const stamps: number[] = []
  a.onErrorFrame(({ timestampUs }) => stamps.push(timestampUs))
  const one = frame(0x10, [1])
  const sent = a.send(one)
  await can.waitUntil(30 * durationUs(one))
  const attemptUs = durationUs(one) + UNACKNOWLEDGED_BITS * BIT_US
  assert.equal(stamps[0], attemptUs)
  const gaps = stamps.slice(1).map((stamp, i) => stamp - (stamps[i] as number))
  assert.deepEqual(new Set(gaps.slice(0, 15)), new Set([attemptUs]))
  assert.deepEqual(new Set(gaps.slice(15)), new Set([attemptUs + SUSPENSION_BITS * BIT_US]))
  assert.ok(can.load().totalPercent > 90)
  can.join('b')
  await sent
  await can.close()
})

test('in virtual time a lone node stands still once nothing can change, and goes on when a node joins', async () => {
  const can = createMemoryCan({ pace: 'virtual' })
  const a = can.join('a')
  const errors = errorsOf(a)
  const sent = a.send(frame(1))
  for (let turns = 0; turns < 100; turns++) await new Promise((resolve) => setImmediate(resolve))
  assert.equal(errors.length, 16)
  can.join('b')
  await sent
  await can.close()
})

test('a frame whose bits are spoilt for all is sent again: 8 for the sender, 1 for each receiver', async () => {
  const can = createMemoryCan({ pace: 'virtual' })
  const [a, b, c] = [can.join('a'), can.join('b'), can.join('c')]
  const heard = idsHeardBy(b)
  let strikes = 0
  can.faults.corrupt(undefined, { ...always, of: () => strikes++ < 1 })
  await a.send(frame(0x123, [1, 2]))
  assert.deepEqual(heard, [0x123])
  assert.deepEqual([a, b, c].map(counters), [
    ['error-active', 7, 0],
    ['error-active', 0, 0],
    ['error-active', 0, 0],
  ])
  // Flag of 7 bits: the receivers notice one bit after the sender, who misses the acknowledgement.
  assert.equal(can.nowUs, 2 * durationUs(frame(0x123, [1, 2])) + (7 + 8 + 3 - 11) * BIT_US)
  await can.close()
})

test('a receiver that alone sees wrong bits is the first to become error-passive, and then disturbs nobody', async () => {
  const can = createMemoryCan({ pace: 'virtual' })
  const [a, b, bad] = [can.join('a'), can.join('b'), can.join('bad')]
  const [heard, badHeard] = [idsHeardBy(b), idsHeardBy(bad)]
  const words = errorsOf(bad)
  const mend = can.faults.corrupt(['bad'], always)
  await a.send(frame(0x20))
  // 15 error frames: rule a gives 1 and rule b 8 each; the 15th takes it above 127.
  assert.deepEqual(counters(bad), ['error-passive', 0, 15 * 9 + 1])
  assert.deepEqual(words.filter(({ data }) => data[1]).map(inWords), [
    'controller+protocol+busError 4 0/99',
    'controller+protocol+busError 10 0/135',
  ])
  assert.deepEqual(
    [counters(a), counters(b)],
    [
      ['error-warning', 15 * 8 - 1, 0],
      ['error-active', 0, 15 - 1],
    ],
  )
  assert.deepEqual([heard, badHeard], [[0x20], []])
  assert.deepEqual([b.lost.frames, bad.lost.frames], [0, 1])
  mend()
  await a.send(frame(0x21))
  assert.deepEqual(badHeard, [0x21])
  // Rule h: from above 127 to 127 at once.
  assert.deepEqual(counters(bad), ['error-warning', 0, 127])
  await can.close()
})

test('a sender whose frames are all spoilt goes bus-off; what waits is sent after restart', async () => {
  const can = createMemoryCan({ pace: 'virtual' })
  const [a, b] = [can.join('a'), can.join('b')]
  const [heard, errors] = [idsHeardBy(b), errorsOf(a)]
  const off = new Promise<void>((resolve) => {
    a.onErrorFrame(({ errorClass }) => {
      if (errorClass & 0x40) resolve()
    })
  })
  const mend = can.faults.corrupt(undefined, { ...always, of: ({ id }) => id !== 0x7f })
  const waiting = a.send(frame(0x20))
  await off
  assert.deepEqual(counters(a).slice(0, 2), ['bus-off', 256])
  assert.equal(inWords(errors.at(-1) as never), 'noAcknowledgement+busOff+busError 0 255/0')
  await assert.rejects(a.send(frame(0x21)), CanBusFault)
  mend()
  const offUs = can.nowUs
  await can.waitUntil(offUs + 1_000_000)
  assert.equal(a.controller.state, 'bus-off', 'it does not recover by itself')
  const restartUs = can.nowUs
  a.restart()
  a.restart()
  await waiting
  assert.equal(can.nowUs, restartUs + 128 * 11 * BIT_US + durationUs(frame(0x20)))
  assert.deepEqual(heard, [0x20])
  assert.deepEqual(counters(a), ['error-active', 0, 0])
  assert.equal(inWords(errors.at(-1) as never), 'controller+restarted 40 0/0')
  await can.close()
})

test('with restartMs a node in bus-off keeps its frames and recovers by itself', async () => {
  const can = createMemoryCan({ pace: 'virtual', restartMs: 100 })
  const [a, b] = [can.join('a'), can.join('b')]
  const heard = idsHeardBy(b)
  let offUs = 0
  const mend = can.faults.corrupt(undefined, always)
  let later: Promise<void> | undefined
  a.onErrorFrame(({ errorClass, timestampUs }) => {
    if (!(errorClass & 0x40)) return
    offUs = timestampUs
    mend()
    later = a.send(frame(0x31))
  })
  await a.send(frame(0x30))
  await later
  assert.deepEqual(heard, [0x30, 0x31])
  const framesUs = durationUs(frame(0x30)) + durationUs(frame(0x31))
  assert.equal(can.nowUs, offUs + 100_000 + 128 * 11 * BIT_US + framesUs)
  await can.close()
})

/** A node `a` in bus-off with a frame that waits, 0x001, and two sound nodes. */
async function withBusOff() {
  const can = createMemoryCan({ pace: 'virtual' })
  const [a, b] = [can.join('a'), can.join('b')]
  can.join('c')
  const mend = can.faults.corrupt(undefined, always)
  const off = new Promise<void>((resolve) => {
    a.onErrorFrame(({ errorClass }) => {
      if (errorClass & 0x40) resolve()
    })
  })
  const waiting = a.send(frame(0x001))
  await off
  mend()
  return { can, a, b, waiting }
}

test('on a busy bus a node in bus-off waits for 128 frames of others', async () => {
  const { can, a, b, waiting } = await withBusOff()
  const order: number[] = []
  can.tap(({ id }) => order.push(id))
  a.restart()
  await Promise.all([waiting, ...Array.from({ length: 200 }, () => b.send(frame(0x700)))])
  assert.equal(order.indexOf(0x001), 128)
  await can.close()
})

test('idle time before and after a frame counts towards the end of bus-off', async () => {
  const { can, a, b, waiting } = await withBusOff()
  const restartUs = can.nowUs
  a.restart()
  await can.waitUntil(restartUs + 64 * 11 * BIT_US)
  await b.send(frame(0x700))
  await waiting
  const framesUs = durationUs(frame(0x700)) + durationUs(frame(0x001))
  assert.equal(can.nowUs, restartUs + (64 + 63) * 11 * BIT_US + framesUs)
  await can.close()
})

test('an error-passive sender lets others go first, even with a lower priority', async () => {
  const can = createMemoryCan({ pace: 'virtual' })
  const [a, b] = [can.join('a'), can.join('b')]
  let strikes = 0
  // 17 errors: 136, so that it stays error-passive for the frames below.
  can.faults.corrupt(undefined, { ...always, of: () => strikes++ < 17 })
  await a.send(frame(0x1))
  assert.equal(a.controller.state, 'error-passive')
  const order: number[] = []
  can.tap(({ id }) => order.push(id))
  await Promise.all([a.send(frame(0x10)), a.send(frame(0x11)), b.send(frame(0x700)), b.send(frame(0x701))])
  assert.deepEqual(order, [0x700, 0x10, 0x701, 0x11])
  await can.close()
})

test('two nodes that send one id with other content collide until one of them is error-passive', async () => {
  const can = createMemoryCan({ pace: 'virtual' })
  const [a, b, c] = [can.join('a'), can.join('b'), can.join('c')]
  const heard: number[] = []
  c.onFrame(({ data }) => heard.push(data[0] ?? -1))
  const errors = errorsOf(c)
  await Promise.all([a.send(frame(0x55, [2])), b.send(frame(0x55, [1]))])
  assert.deepEqual(heard, [1, 2])
  assert.ok(a.controller.transmitErrors >= 120 && b.controller.transmitErrors >= 120)
  assert.ok(c.controller.receiveErrors > 0)
  // 19 bits of header and 8 of data; flags of 12, delimiter, intermission.
  assert.equal(errors[0]?.timestampUs, (19 + 8 + 12 + 8 + 3) * BIT_US)
  await can.close()
})

test('two nodes that send the very same frame at once do not notice each other', async () => {
  const can = createMemoryCan({ pace: 'virtual' })
  const [a, b, c] = [can.join('a'), can.join('b', { receiveOwn: true }), can.join('c')]
  const [heard, own] = [idsHeardBy(c), idsHeardBy(b)]
  await Promise.all([a.send(frame(0x55, [1])), b.send(frame(0x55, [1]))])
  assert.deepEqual([heard, own], [[0x55], [0x55]])
  assert.equal(can.nowUs, durationUs(frame(0x55, [1])))
  await can.close()
})

test('a frame that fails after its node has closed is refused, not sent again', async () => {
  const can = createMemoryCan({ pace: 'real', bitrate: 10_000 })
  const a = can.join('a')
  const sent = assert.rejects(a.send(frame(1)), CanBusClosed)
  await new Promise((resolve) => setImmediate(resolve))
  await a.close()
  await sent
  await can.close()
})

test('a node that closes as it hears of an error leaves the bus in order', async () => {
  const can = createMemoryCan({ pace: 'virtual' })
  const [a, b, c] = [can.join('a'), can.join('b'), can.join('c')]
  const heard = idsHeardBy(c)
  const mend = can.faults.corrupt(undefined, always)
  a.onErrorFrame(() => void a.close())
  b.onErrorFrame(() => mend())
  const refused = assert.rejects(a.send(frame(1)), CanBusClosed)
  await b.send(frame(2))
  await refused
  assert.deepEqual(heard, [2])
  await can.close()
})
