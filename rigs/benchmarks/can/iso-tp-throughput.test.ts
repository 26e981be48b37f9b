import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMemoryCan } from '../../simulated/memory-can/memory-can.js'
import { measureIsoTp } from './iso-tp-throughput.js'

const BITRATE = 500_000

for (const [blockSize, least] of [
  [0, 0.97],
  [8, 0.85],
] as const) {
  test(`ISO-TP in blocks of ${blockSize} leaves the wire of the memory bus idle for no frame`, async (t) => {
    const can = createMemoryCan({ bitrate: BITRATE, pace: 'virtual' })
    const figures = await measureIsoTp(can, { bitrate: BITRATE, messages: 2, messageBytes: 4_095, blockSize })
    await can.close()
    const { bytesPerSecond, limitBytesPerSecond, shareOfLimit, load } = figures
    t.diagnostic(
      `${Math.round(bytesPerSecond)} of ${Math.round(limitBytesPerSecond)} bytes/s: ` +
        `${(shareOfLimit * 100).toFixed(1)} %, wire busy ${(load * 100).toFixed(1)} %`,
    )
    // Of the bus's own time, so a slow machine does not count: what is missing is flow control.
    assert.ok(shareOfLimit >= least && shareOfLimit <= 1, `${shareOfLimit}`)
  })
}
