import assert from 'node:assert/strict'
import { test } from 'node:test'
import { frameBits } from '../../../reference/can/frame-bits.js'
import { STUFFED, WORST_CASE_BITS } from './bus-limits.js'
import { benchmarkFrames } from './bus-pairs.js'
import { ratioOf, rowFigures } from './bus-row.js'
import { canTables } from './can-tables.js'
import type { BusFigures } from './measure-bus.js'
import { END_ID } from './measurement.js'
import { median, percentile } from '../percentile.js'
import { readTimes } from './process-cpu.js'

test('a percentile is the least value that the share of all does not exceed', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => i + 1)
  assert.deepEqual(
    [0.5, 0.99, 1].map((share) => percentile(hundred, share)),
    [50, 99, 100],
  )
  assert.equal(percentile([7], 0.01), 7)
  assert.equal(percentile([], 0.5), null)
})

test('the median of three rounds is the middle one, whatever their order', () => {
  assert.equal(median([10, 2, 9]), 9)
})

const run = (figures: Partial<BusFigures>): BusFigures => ({
  sent: 10,
  received: 10,
  reportedLost: 0,
  framesPerSecond: 1,
  p50Us: null,
  p99Us: null,
  senderCpu: 0,
  receiverCpu: 0,
  ...figures,
})

test('a row takes throughput from the floods, latency from the streams, and counts what no flood delivered', () => {
  const floods = [300, 100, 200].map((framesPerSecond) => run({ framesPerSecond, received: 8 }))
  const streams = [5, 90, 6].map((p50Us) => run({ p50Us, p99Us: p50Us * 2 }))
  assert.deepEqual(rowFigures(floods, streams), {
    framesPerSecond: 200,
    floodSent: 30,
    floodLost: 6,
    p50Us: 6,
    p99Us: 12,
  })
})

const ours = { framesPerSecond: 300, floodSent: 1_000, floodLost: 0, p50Us: 10, p99Us: 40 }
const theirs = { framesPerSecond: 100, floodSent: 1_000, floodLost: 250, p50Us: 20, p99Us: 20 }

test('a ratio above 1 is Lockstep ahead: more frames, less latency', () => {
  assert.deepEqual(ratioOf(ours, theirs), { framesPerSecond: 3, p50: 2, p99: 0.5 })
})

test('the frame of the limits is stuffed nearly as much as a frame can be', () => {
  const { id, extended, data } = STUFFED
  const bits = frameBits({ id, extended, data: new Uint8Array(Buffer.from(data, 'hex')) })
  assert.equal(bits, 133)
  assert.equal(WORST_CASE_BITS, 34 + 64 + 13 + Math.floor((34 + 64 - 1) / 4))
  assert.deepEqual(
    [500_000, 1_000_000].map((bitrate) => Math.floor(bitrate / WORST_CASE_BITS)),
    [3_703, 7_407],
  )
})

test('no planned frame ends the measurement', () => {
  assert.ok([...benchmarkFrames(), STUFFED].every(({ id }) => id !== END_ID))
})

test('processor time counts a process and its ended children, whatever its name', () => {
  const stat = '42 (a) b (c) S 7 42 42 0 -1 4194304 1 0 0 0 150 50 20 30 20 0 1 0 99 0 0'
  assert.deepEqual(readTimes(stat), { parent: 7, seconds: 2.5 })
})

test('the tables show both sides, how far ahead, what was lost, and why rows are missing', () => {
  const text = canTables({
    machine: { processor: 'P', cores: 2, node: 'v20' },
    pythonCan: '4.1.0',
    buses: [
      { ours: 'memory:', theirs: 'virtual', lockstep: ours, pythonCan: theirs, ratio: ratioOf(ours, theirs) },
      { ours: 'udp:', theirs: 'udp_multicast', lockstep: ours },
    ],
    limits: [
      {
        ...{ bus: 'udp:', bitrate: 500_000, framesPerSecond: 3_703, carriedPerSecond: 3_701 },
        ...{ sent: 18_515, received: 18_510, lost: 5, senderCpu: 0.25, receiverCpu: 0.125 },
      },
    ],
    kernel: { unavailable: 'no user-mode-linux' },
    codec: [
      {
        database: 'parking.dbc',
        decodedSignalsPerSecond: 2e6,
        bulkDecodedSignalsPerSecond: 3e7,
        encodedSignalsPerSecond: 1e6,
      },
    ],
    isoTp: [],
  })
  const rows = text.split('\n').map((line) => line.replaceAll(/ +/g, ' '))
  const known = [
    'no socketcan rows: no user-mode-linux',
    'memory: 300 0.0 % 10 40 virtual 100 25.0 % 20 20 × 3.00 × 2.00 × 0.50',
    'udp: 300 0.0 % 10 40 not here',
    'udp: 500 3,703 3,701 18,515 5 0.25 0.13',
    'parking.dbc 2,000,000 30,000,000 1,000,000',
  ]
  for (const row of known) assert.ok(rows.includes(row), `${row}\n\n${text}`)
})
