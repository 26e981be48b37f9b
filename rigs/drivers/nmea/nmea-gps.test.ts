import assert from 'node:assert/strict'
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { distanceMetres, wgs84 } from '../../../reference/domain/coordinates.js'
import type { GpsFix } from '../../../reference/ports/gps.js'
import type { Circuit } from '../../simulated/circuit.js'
import { CycleQueue } from '../../simulated/cycle-queue.js'
import { GpsReceiver } from '../../simulated/gps-receiver/gps-receiver.js'
import { gga, nmeaSentence, rmc } from '../../simulated/gps-receiver/nmea-sentences.js'
import { NmeaGps } from './nmea-gps.js'

const SHANGHAI = wgs84(31.2304, 121.4737)
const NOON = Date.UTC(2026, 10, 23, 12)

/** What the parser has made of these texts. */
async function read(...texts: string[]) {
  const stream = new PassThrough()
  const gps = new NmeaGps(stream)
  const fixes: GpsFix[] = []
  gps.onFix((fix) => fixes.push(fix))
  for (const text of texts) stream.write(text)
  const closed = once(stream, 'close')
  stream.end()
  await closed
  return { fixes, counts: gps.counts, fix: gps.fix }
}

test('A fix comes with the dilution told before, in any hemisphere and however cut up', async () => {
  const southWest = wgs84(-33.999999, -70.5)
  const text = gga(SHANGHAI, NOON, 0.9) + rmc(SHANGHAI, NOON) + rmc(southWest, NOON + 200)
  const { fixes, counts } = await read(text.slice(0, 30), text.slice(30, 31), text.slice(31))
  assert.equal(counts.fixes, 2)
  assert.equal(fixes[0]?.hdop, 0.9)
  assert.ok(distanceMetres(fixes[0]?.point ?? southWest, SHANGHAI) < 0.1)
  assert.ok(distanceMetres(fixes[1]?.point ?? SHANGHAI, southWest) < 0.1)
})

test('A bad checksum, a void fix and noise are dropped and counted', async () => {
  const bad = rmc(SHANGHAI, NOON).replace('31', '32')
  const noFix = nmeaSentence('GPRMC,120000.00,V,,,,,,,231126,,,N')
  const { fix, counts } = await read(bad, noFix, 'hello\r\n', '$GPRMC,1,2\r\n', 'x'.repeat(500))
  assert.equal(fix, undefined)
  assert.deepEqual([counts.fixes, counts.badChecksums, counts.voidFixes], [0, 1, 1])
  assert.ok(counts.unreadable + counts.badChecksums >= 3)
})

test('The simulated receiver speaks five times a hardware second, near the truth, and the same for a seed', async () => {
  const speak = (seed: number) => {
    const queue = new CycleQueue()
    const circuit: Pick<Circuit, 'cycle' | 'cyclesPerSecond' | 'atCycle'> & { cycle: number } = {
      cycle: 0,
      cyclesPerSecond: 1000,
      atCycle: (cycle, task) => queue.add(cycle, task),
    }
    let text = ''
    const options = { position: SHANGHAI, seed, startEpochMs: NOON }
    new GpsReceiver(circuit as Circuit, { ...options, onSentences: (spoken) => (text += spoken) })
    for (; circuit.cycle <= 40_000; circuit.cycle++) queue.runDue(circuit.cycle)
    return text
  }
  const { fixes, counts } = await read(speak(7))
  assert.deepEqual(counts, { fixes: 200, badChecksums: 0, voidFixes: 0, staleFixes: 0, unreadable: 0 })
  const errors = fixes.map(({ point }) => distanceMetres(point, SHANGHAI))
  assert.ok(Math.max(...errors) < 12, `${Math.max(...errors)} m`)
  assert.ok(Math.max(...errors) > 0.5)
  assert.equal(speak(7), speak(7))
  assert.notEqual(speak(7), speak(8))
})
