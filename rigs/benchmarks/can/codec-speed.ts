import { performance } from 'node:perf_hooks'
import type { DbcDatabase } from '../../../reference/can/dbc-model.js'
import { parseDbc } from '../../../reference/can/dbc-parser.js'
import { dbcWorkload } from '../../../reference/can/dbc-workload.js'
import { parkingBus } from '../../../reference/contracts/parking-bus.js'
import { seededRandom } from '../../simulated/seeded-random.js'

/** Debian has no DBC codec to compare with: these figures stand alone. */
export interface CodecRow {
  readonly database: string
  readonly decodedSignalsPerSecond: number
  /** By `compileDecoder`, which fills arrays instead of making objects. */
  readonly bulkDecodedSignalsPerSecond: number
  readonly encodedSignalsPerSecond: number
}

const MEASURED_MS = 1_000
const WARM_UP_MS = 200
const FRAMES = 1_000
const SEED = 7

/** Signals of every kind, beside the parking bus's: Motorola across bytes, odd lengths, signed, float, multiplexed. */
const MIXED_DBC = `VERSION ""
BU_: A
BO_ 100 Motorola: 8 A
 SG_ Speed : 7|16@0+ (0.01,0) [0|655.35] "km/h" A
 SG_ Angle : 20|13@0- (0.1,0) [-409.6|409.5] "deg" A
 SG_ Level : 39|9@0+ (1,0) [0|511] "" A
BO_ 101 Floats: 8 A
 SG_ Latitude : 0|32@1- (1,0) [0|0] "deg" A
 SG_ Longitude : 32|32@1- (1,0) [0|0] "deg" A
BO_ 102 Multiplexed: 8 A
 SG_ Page M : 0|4@1+ (1,0) [0|15] "" A
 SG_ First m0 : 8|24@1- (0.5,10) [-4194294|4194313] "" A
 SG_ Second m1 : 8|16@1+ (1,0) [0|65535] "" A
SIG_VALTYPE_ 101 Latitude : 1;
SIG_VALTYPE_ 101 Longitude : 1;
`

/** Calls `work`, which answers how much it has done, again and again. */
function perSecond(work: () => number, forMs: number): number {
  const startedAt = performance.now()
  let [done, elapsedMs] = [0, 0]
  do {
    done += work()
    elapsedMs = performance.now() - startedAt
  } while (elapsedMs < forMs)
  return (done * 1_000) / elapsedMs
}

function measured(work: () => number): number {
  perSecond(work, WARM_UP_MS)
  return perSecond(work, MEASURED_MS)
}

function measureDatabase(name: string, database: DbcDatabase): CodecRow {
  const workload = dbcWorkload(database, FRAMES, seededRandom(SEED))
  return {
    database: name,
    decodedSignalsPerSecond: measured(() => workload.decode()),
    bulkDecodedSignalsPerSecond: measured(() => workload.decodeBulk()),
    encodedSignalsPerSecond: measured(() => workload.encode()),
  }
}

export function measureCodec(): CodecRow[] {
  return [
    measureDatabase('parking.dbc', parkingBus.database),
    measureDatabase('Motorola, floats, multiplexed', parseDbc(MIXED_DBC)),
  ]
}
