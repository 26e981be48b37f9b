import { table } from '../table.js'
import { fleetRowsTables } from './fleet-tables.js'
import type { PlatformBenchmark } from './bench-platform.js'
import type { RateRow } from './measure-reservations.js'

const percent = (share: number) => `${Math.round(100 * share)} %`

/** For a person. */
export function platformTables({ machine, reservations, plans, fleets }: PlatformBenchmark): string {
  const line = (what: string, row: RateRow, share?: number) => [
    what,
    String(row.perSecond),
    row.p50Ms.toFixed(2),
    row.p99Ms.toFixed(2),
    share === undefined ? '' : percent(share),
  ]
  const rows = reservations.flatMap((one) =>
    'unavailable' in one
      ? [[`${one.store}: not here; ${one.unavailable}`]]
      : [
          line(`${one.store}: bare inserts, one by one`, one.bareInserts),
          line(`${one.store}: reservations, one by one`, one.oneByOne, one.share.oneByOne),
          line(`${one.store}: reservations, ${one.together.users} users`, one.together, one.share.together),
        ],
  )
  const planRows = plans.map(({ spaces, plans: count, found, listMs, listHoldsUpMs, ...took }) => [
    String(spaces),
    `${found}/${count}`,
    took.p50Ms.toFixed(2),
    took.p99Ms.toFixed(2),
    took.processorP50Ms.toFixed(2),
    took.processorP99Ms.toFixed(2),
    String(listMs),
    String(listHoldsUpMs),
  ])
  return [
    `${machine.processor}, ${machine.cores} cores, Node ${machine.node}`,
    '',
    'To the durable commit:',
    table(['', '/s', 'p50 ms', 'p99 ms', 'of bare'], rows),
    '',
    'Plans, from the question to the platform to the choice, while states change:',
    table(
      ['spaces', 'found', 'p50 ms', 'p99 ms', 'processor p50', 'p99', 'list ms', 'holds up ms'],
      planRows,
    ),
    '',
    fleetRowsTables(fleets),
  ].join('\n')
}
