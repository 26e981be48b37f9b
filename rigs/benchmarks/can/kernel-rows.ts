/** The rows that need a kernel's CAN: `node kernel-rows.js INTERFACE`; progress, then one line of JSON. */
import { LIMIT_BITRATES, measureLimit, type LimitRow } from './bus-limits.js'
import { kernelPairs, measurePair } from './bus-pairs.js'
import type { BusRow } from './bus-row.js'

export interface KernelRows {
  readonly buses: readonly BusRow[]
  readonly limits: readonly LimitRow[]
}

const [name = ''] = process.argv.slice(2)
const backEnds = (process.env['LOCKSTEP_CAN_BACKENDS'] ?? 'addon,pipe').split(',')
const progress = (what: string) => process.stdout.write(`${what}\n`)
const buses: BusRow[] = []
const limits: LimitRow[] = []
for (const pair of kernelPairs(name, backEnds)) {
  buses.push(await measurePair(pair, progress))
  for (const bitrate of LIMIT_BITRATES) {
    progress(`the most that ${bitrate / 1_000} kbit/s can carry on ${pair.ours}`)
    limits.push(await measureLimit(pair.ours, pair.lockstep, bitrate))
  }
}
const rows: KernelRows = { buses, limits }
process.stdout.write(`${JSON.stringify(rows)}\n`)
