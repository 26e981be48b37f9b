import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LoadMeter } from './bus-load.js'
import { createMemoryCan } from './memory-can.js'

const SECOND = 1_000_000

test('half a second of bits in the first second is a load of 50 %', () => {
  const meter = new LoadMeter()
  for (let at = 0; at < SECOND; at += 1_000) meter.add(at, at + 500)
  const { windowPercent, totalPercent, peakPercent } = meter.load(SECOND)
  assert.ok(Math.abs(totalPercent - 50) < 1e-9, String(totalPercent))
  assert.ok(Math.abs(windowPercent - 50) < 0.1, String(windowPercent))
  assert.ok(Math.abs(peakPercent - 50) < 0.1, String(peakPercent))
})

test('the window forgets what lies more than a second back; the peak and the total do not', () => {
  const meter = new LoadMeter()
  meter.add(0, SECOND)
  const { windowPercent, totalPercent, peakPercent } = meter.load(4 * SECOND)
  assert.deepEqual([windowPercent, totalPercent, peakPercent], [0, 25, 100])
  meter.add(4 * SECOND, 4.25 * SECOND)
  const later = meter.load(5 * SECOND - 1)
  assert.ok(Math.abs(later.windowPercent - 25) < 0.1)
  assert.equal(later.peakPercent, 100)
})

test('the peak is of whole seconds: a short burst is no load of 100 %', () => {
  const meter = new LoadMeter()
  meter.add(0, SECOND / 10)
  assert.equal(meter.load(SECOND / 10).peakPercent, 100, 'as long as there is no whole second')
  assert.ok(Math.abs(meter.load(60 * SECOND).peakPercent - 10) < 0.1)
})

test('one frame longer than a slot of the window counts whole', () => {
  const meter = new LoadMeter()
  meter.add(5_000, 140_000)
  assert.ok(Math.abs(meter.load(200_000).totalPercent - 67.5) < 1e-9)
  assert.ok(Math.abs(meter.load(200_000).windowPercent - 67.5) < 1e-9)
})

test('a bus whose node sends every other frame time is half loaded', async () => {
  const can = createMemoryCan({ pace: 'virtual', bitrate: 250_000 })
  const a = can.join('a')
  can.join('b')
  assert.deepEqual(can.load(), { windowPercent: 0, totalPercent: 0, peakPercent: 0 })
  for (let i = 0; i < 5_000; i++) {
    const startUs = can.nowUs
    await a.send({ id: 0x2d5, extended: false, data: new Uint8Array(8).fill(0x55) })
    await can.waitUntil(startUs + 2 * (can.nowUs - startUs))
  }
  const { windowPercent, totalPercent, peakPercent } = can.load()
  for (const percent of [windowPercent, totalPercent, peakPercent]) {
    assert.ok(Math.abs(percent - 50) < 0.2, String(percent))
  }
  await can.close()
})
