import { performance } from 'node:perf_hooks'
import { decodeMessage, encodeMessage, type SignalInput } from '../../../reference/can/dbc-codec.js'
import type { DbcDatabase, DbcMessage, DbcSignal } from '../../../reference/can/dbc-model.js'
import { parseDbc } from '../../../reference/can/dbc-parser.js'
import { parkingBus } from '../../../reference/contracts/parking-bus.js'
import { seededRandom } from '../../simulated/seeded-random.js'

/** Debian has no DBC codec to compare with: these figures stand alone. */
export interface CodecRow {
  readonly database: string
  readonly decodedSignalsPerSecond: number
  readonly encodedSignalsPerSecond: number
}

const MEASURED_MS = 1_000
const BATCH = 1_000
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

/** The kind of number that a signal carries, within its limits. */
function valueOf(signal: DbcSignal, random: () => number): SignalInput {
  if (signal.isMultiplexor) return 0
  const named = [...signal.valueNames.values()]
  if (named.length > 0) return named[Math.floor(random() * named.length)] as string
  const { min, max } = signal.limits ?? { min: 0, max: 100 }
  return min + Math.floor(((max - min) / signal.factor) * random()) * signal.factor
}

function present(message: DbcMessage): DbcSignal[] {
  return message.signals.filter(
    ({ multiplexing }) => !multiplexing || multiplexing.ranges.some(([from, to]) => from <= 0 && to >= 0),
  )
}

/** Calls `work`, which handles `signals` signals, for about a second. */
function perSecond(signals: number, work: () => void): number {
  const startedAt = performance.now()
  let calls = 0
  let elapsedMs = 0
  do {
    for (let i = 0; i < BATCH; i++) work()
    calls += BATCH
    elapsedMs = performance.now() - startedAt
  } while (elapsedMs < MEASURED_MS)
  return (calls * signals * 1_000) / elapsedMs
}

function measureDatabase(name: string, { messages }: DbcDatabase): CodecRow {
  const random = seededRandom(SEED)
  const sound = messages
    .filter(({ signals }) => signals.length > 0)
    .map((message) => {
      const signals = present(message)
      const values = Object.fromEntries(signals.map((signal) => [signal.name, valueOf(signal, random)]))
      return { message, values, data: encodeMessage(message, values), count: signals.length }
    })
  const signals = sound.reduce((total, { count }) => total + count, 0)
  return {
    database: name,
    decodedSignalsPerSecond: perSecond(signals, () => {
      for (const { message, data } of sound) decodeMessage(message, data)
    }),
    encodedSignalsPerSecond: perSecond(signals, () => {
      for (const { message, values } of sound) encodeMessage(message, values)
    }),
  }
}

export function measureCodec(): CodecRow[] {
  return [
    measureDatabase('parking.dbc', parkingBus.database),
    measureDatabase('Motorola, floats, multiplexed', parseDbc(MIXED_DBC)),
  ]
}
