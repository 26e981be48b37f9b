import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { distanceMetres, wgs84 } from '../../../reference/domain/coordinates.js'
import type { GpsFix } from '../../../reference/ports/gps.js'
import { NmeaGps } from '../../drivers/nmea/nmea-gps.js'
import { BareCircuit } from '../lock-plant/bare-circuit.js'
import { GPS_FAULT_KINDS, type GpsFault } from './gps-faults.js'
import { GpsReceiver } from './gps-receiver.js'

const HERE = wgs84(31.2304, 121.4737)

/** A receiver on the driver: two good seconds, two with the fault, two that are mended. */
function live(fault: GpsFault) {
  const circuit = new BareCircuit()
  const stream = new PassThrough()
  const gps = new NmeaGps(stream)
  const fixes: GpsFix[] = []
  gps.onFix((fix) => fixes.push(fix))
  const receiver = new GpsReceiver(circuit, {
    position: HERE,
    seed: 3,
    startEpochMs: Date.UTC(2026, 0, 1),
    onSentences: (text) => stream.emit('data', Buffer.from(text)),
  })
  circuit.pass(2_050)
  const before = fixes.length
  receiver.inject(fault)
  circuit.pass(2_000)
  const during = fixes.slice(before)
  receiver.mend()
  circuit.pass(2_000)
  return { before, during, after: fixes.length - before - during.length, counts: gps.counts }
}

/** What the driver makes of each: how many fixes it lets through, and what it counts. */
const EXPECTED: Record<GpsFault['kind'], { fault: GpsFault; fixes: number; counted?: string }> = {
  'gps-void': { fault: { kind: 'gps-void' }, fixes: 0, counted: 'voidFixes' },
  'gps-bad-checksum': { fault: { kind: 'gps-bad-checksum' }, fixes: 0, counted: 'badChecksums' },
  'gps-truncated': { fault: { kind: 'gps-truncated' }, fixes: 0, counted: 'unreadable' },
  'gps-stale': { fault: { kind: 'gps-stale' }, fixes: 0, counted: 'staleFixes' },
  'gps-jump': { fault: { kind: 'gps-jump', northMetres: 300 }, fixes: 10 },
  'gps-poor': { fault: { kind: 'gps-poor', hdop: 12 }, fixes: 10 },
  'gps-silent': { fault: { kind: 'gps-silent' }, fixes: 0 },
}

for (const kind of GPS_FAULT_KINDS) {
  test(`the driver and ${kind}`, () => {
    const { fault, fixes, counted } = EXPECTED[kind]
    const { before, during, after, counts } = live(fault)
    assert.deepEqual([before, during.length, after], [10, fixes, 10])
    if (counted) assert.ok(counts[counted as keyof typeof counts] >= 10, `${JSON.stringify(counts)}`)
    // A fix comes before the sentence that tells its dilution: the first still has the old one.
    for (const { point, hdop } of during.slice(1)) {
      assert.equal(hdop, kind === 'gps-poor' ? 12 : 0.9)
      const off = distanceMetres(point, HERE)
      assert.ok(kind === 'gps-jump' ? off > 280 : off < 15, `${off} m`)
    }
  })
}
