import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMemoryCan, type MemoryCan } from './memory-can.js'
import { BIT_US, counters, durationUs, errorsOf, frame, idsHeardBy, inWords } from './test-bus.js'

const always = { probability: 1, seed: 1 }

/** What a node hears of 400 frames under seeded faults. */
async function heardUnder(
  arrange: (can: MemoryCan) => void,
): Promise<{ ids: number[]; lost: number; endUs: number }> {
  const can = createMemoryCan({ pace: 'virtual' })
  const [a, b] = [can.join('a'), can.join('b')]
  const ids = idsHeardBy(b)
  arrange(can)
  for (let id = 0; id < 400; id++) await a.send(frame(id, [id & 0xff]))
  const figures = { ids, lost: b.lost.frames, endUs: can.nowUs }
  await can.close()
  return figures
}

test('random loss is the share that was asked for, counted, and the same for the same seed', async () => {
  const lossy = (seed: number) => heardUnder((can) => can.faults.lose('b', { probability: 0.25, seed }))
  const [first, again, other] = [await lossy(7), await lossy(7), await lossy(8)]
  assert.ok(first.lost > 60 && first.lost < 140, String(first.lost))
  assert.equal(first.ids.length + first.lost, 400)
  assert.deepEqual(again, first)
  assert.notDeepEqual(other.ids, first.ids)
})

test('spoilt frames cost bus time, but none is lost, and the run is the same for the same seed', async () => {
  const sound = await heardUnder(() => undefined)
  const spoilt = () => heardUnder((can) => can.faults.corrupt(undefined, { probability: 0.05, seed: 3 }))
  const [first, again] = [await spoilt(), await spoilt()]
  assert.deepEqual(first.ids, sound.ids)
  assert.ok(first.endUs > sound.endUs)
  assert.deepEqual(again, first)
})

test('a probability that is none is refused', () => {
  const can = createMemoryCan({ pace: 'virtual' })
  for (const probability of [-0.1, 1.1, Number.NaN]) {
    assert.throws(() => can.faults.lose('b', { probability, seed: 1 }), RangeError)
  }
})

test('corruption past the CRC turns one bit, and neither counter nor loss shows it', async () => {
  const can = createMemoryCan({ pace: 'virtual' })
  const [a, b, c] = [can.join('a'), can.join('b'), can.join('c')]
  const heard: Uint8Array[] = []
  const sound: Uint8Array[] = []
  b.onFrame(({ data }) => heard.push(data))
  c.onFrame(({ data }) => sound.push(data))
  const mend = can.faults.corruptPastCrc('b', always)
  const sent = [0x12, 0x34, 0x56]
  for (let i = 0; i < 50; i++) await a.send(frame(1, sent))
  mend()
  await a.send(frame(1, sent))
  const turned = heard.map((data) =>
    data.reduce(
      (bits, byte, i) => bits + ((byte ^ (sent[i] as number)).toString(2).match(/1/g)?.length ?? 0),
      0,
    ),
  )
  assert.deepEqual(turned, [...Array<number>(50).fill(1), 0])
  assert.ok(new Set(heard.map(String)).size > 10, 'not always the same bit')
  assert.deepEqual(new Set(sound.map(String)), new Set([String(sent)]))
  assert.deepEqual([b.lost.frames, ...counters(b)], [0, 'error-active', 0, 0])
  await can.close()
})

test('a delay is of bus time, keeps the order unless told, and never turns timestamps back', async () => {
  for (const keepOrder of [true, false]) {
    const can = createMemoryCan({ pace: 'virtual' })
    const [a, b] = [can.join('a'), can.join('b')]
    const heard: { id: number; timestampUs: number }[] = []
    b.onFrame(({ id, timestampUs }) => heard.push({ id, timestampUs }))
    const mend = can.faults.delay('b', { byUs: 1_000, jitterUs: 2_000, seed: 5, keepOrder })
    const endsUs: number[] = []
    for (let id = 0; id < 50; id++) {
      await a.send(frame(id))
      endsUs.push(can.nowUs)
    }
    assert.ok(heard.length > 0 && heard.length < 50, 'some are under way yet')
    await can.waitUntil(can.nowUs + 10_000)
    mend()
    assert.equal(heard.length, 50)
    const ids = heard.map(({ id }) => id)
    const sorted = [...ids].sort((x, y) => x - y)
    if (keepOrder) assert.deepEqual(ids, sorted)
    else assert.notDeepEqual(ids, sorted)
    for (const [i, { id, timestampUs }] of heard.entries()) {
      const lateUs = timestampUs - (endsUs[id] as number)
      assert.ok(lateUs >= 1_000 && lateUs <= 3_000, `${lateUs} µs`)
      assert.ok(i === 0 || timestampUs >= (heard[i - 1]?.timestampUs ?? 0))
    }
    await can.close()
  }
})

test('a babbling node starves whoever has a higher id, and fills the bus until it is mended', async () => {
  const can = createMemoryCan({ pace: 'virtual' })
  const [a, b, c] = [can.join('a'), can.join('b'), can.join('c')]
  const heard = idsHeardBy(c)
  const mend = can.faults.babble({ id: 0x10, seed: 9 })
  let arrived = false
  const starved = a.send(frame(0x11)).then(() => (arrived = true))
  await can.waitUntil(500_000)
  assert.equal(arrived, false)
  assert.deepEqual(new Set(heard), new Set([0x10]))
  assert.ok(heard.length > 500_000 / (135 * BIT_US), String(heard.length))
  assert.ok(can.load().totalPercent > 99.9)
  await b.send(frame(0x05))
  assert.equal(heard.at(-1), 0x05, 'a lower id goes first')
  mend()
  await starved
  await can.close()
})

test('something that holds the bus dominant stops all; the sender goes bus-off, the others error-passive', async () => {
  const can = createMemoryCan({ pace: 'virtual' })
  const [a, b, idle] = [can.join('a', { restartMs: 10 }), can.join('b'), can.join('idle')]
  const heard = idsHeardBy(idle)
  const [errorsOfA, errorsOfB] = [errorsOf(a), errorsOf(b)]
  const sent = [a.send(frame(0x100, Array(8).fill(1) as number[]))]
  await can.waitUntil(60)
  const mend = can.faults.stickDominant()
  const alsoMend = can.faults.stickDominant()
  sent.push(b.send(frame(0x001)))
  await can.waitUntil(60 + 300 * BIT_US)
  assert.deepEqual(counters(a).slice(0, 2), ['bus-off', 256])
  assert.deepEqual(counters(b), ['error-passive', 0, 255])
  assert.deepEqual(counters(idle), ['error-passive', 0, 255])
  assert.deepEqual(errorsOfA.map(inWords), [
    'protocol+busError 0 8/0',
    'controller 8 96/0',
    'controller 20 128/0',
    'busOff 0 255/0',
  ])
  assert.deepEqual(errorsOfB.map(inWords), [
    'protocol+busError 0 0/1',
    'controller 4 0/97',
    'controller 10 0/129',
  ])
  // Bit error at bit 6, rule f at bit 20 and every eighth after: the 31st time makes it 256.
  assert.equal(errorsOfA.at(-1)?.timestampUs, 60 + (6 + 14 + 30 * 8) * BIT_US)
  await can.waitUntil(50_000)
  assert.deepEqual(heard, [])
  assert.ok(can.load().totalPercent > 99.9)
  mend()
  mend()
  await can.waitUntil(51_000)
  assert.deepEqual(heard, [], 'the other one holds it yet')
  alsoMend()
  await Promise.all(sent)
  assert.deepEqual(heard, [0x001, 0x100])
  // The recovery counts recessive bits from the mended bus on.
  assert.ok(can.nowUs > 51_000 + 128 * 11 * BIT_US - durationUs(frame(0x001)))
  await can.close()
})

test('a bus that is held down while it is idle makes nobody bus-off', async () => {
  const can = createMemoryCan({ pace: 'virtual' })
  const [a, b] = [can.join('a'), can.join('b')]
  const mend = can.faults.stickDominant()
  const sent = a.send(frame(1))
  await can.waitUntil(10_000)
  assert.deepEqual(
    [counters(a), counters(b)],
    [
      ['error-passive', 0, 255],
      ['error-passive', 0, 255],
    ],
  )
  mend()
  await sent
  assert.deepEqual(counters(b), ['error-warning', 0, 127])
  await can.close()
})

test('a node without its plug hears nothing, goes error-passive, and sends what waits once it is back', async () => {
  const can = createMemoryCan({ pace: 'virtual' })
  const [a, b, c] = [can.join('a'), can.join('b'), can.join('c')]
  const [heardByB, heardByC] = [idsHeardBy(b), idsHeardBy(c)]
  const mend = can.faults.disconnect('b')
  const waiting = b.send(frame(0x7))
  await a.send(frame(0x1))
  await can.waitUntil(20_000)
  assert.deepEqual([heardByB, heardByC], [[], [0x1]])
  assert.deepEqual(counters(b), ['error-passive', 128, 0])
  assert.equal(b.lost.frames, 0)
  mend()
  mend()
  await waiting
  assert.deepEqual(heardByC, [0x1, 0x7])
  await a.send(frame(0x2))
  assert.deepEqual(heardByB, [0x2])
  await can.close()
})

test('a plug that is pulled in the midst of a frame breaks it off: the others do not hear it', async () => {
  const can = createMemoryCan({ pace: 'virtual' })
  const [a, b] = [can.join('a'), can.join('b')]
  const heard = idsHeardBy(b)
  const sent = a.send(frame(0x1, [1, 2, 3]))
  await can.waitUntil(50)
  const mend = can.faults.disconnect('a')
  await can.waitUntil(50_000)
  assert.deepEqual(heard, [])
  assert.equal(b.controller.receiveErrors, 1)
  mend()
  await sent
  assert.deepEqual(heard, [0x1])
  await can.close()
})
