import { table } from '../table.js'
import type { LockBenchmark } from './bench-lock.js'

const times = (value: number | null) => (value === null ? '' : `× ${value.toFixed(2)}`)
const ms = (value: number | null) => (value === null ? '' : value.toFixed(1))
const percent = (share: number | null) => (share === null ? '' : `${(share * 100).toFixed(1)} %`)
const both = ({ lockstep, simavr }: { readonly lockstep: number; readonly simavr: number | null }) =>
  simavr === null ? `${lockstep}` : `${lockstep} / ${simavr}`

/** The benchmark for people: one table for each question. */
export function lockTables({ machine, simavr, speed, boards }: LockBenchmark): string {
  return [
    `${machine.processor}, ${machine.cores} cores, Node ${machine.node}`,
    simavr === 'here' ? 'beside simavr, in the same run' : `no simavr: ${simavr.unavailable}`,
    '\nSimulated speed on one core, as a multiple of 16 MHz: servo, two ADC channels at 100 Hz, reports',
    table(
      ['firmware', 'Lockstep', 'simavr', 'ahead', 'bytes sent', 'servo pulses'],
      speed.map((row) => [
        row.firmware,
        times(row.lockstep),
        times(row.simavr),
        times(row.ratio),
        both(row.bytesSent),
        both(row.servoPulses),
      ]),
    ),
    '\nA board in step with the wall, through johnny-five',
    table(
      ['firmware', 'ready ms', 'round trip p50 ms', 'p99 ms', 'idle, of a core'],
      boards.map((row) => [
        row.firmware,
        ms(row.readyMs),
        ms(row.roundTripP50Ms),
        ms(row.roundTripP99Ms),
        percent(row.idleCpu),
      ]),
    ),
  ].join('\n')
}
