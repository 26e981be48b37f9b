import { table } from '../table.js'
import type { FleetRow, FleetRows } from './measure-fleets.js'

/** Processes whose figures are worth a column; all are in the JSON. */
const PARTIES = ['cloud', 'platform', 'wechat', 'broker', 'runner', 'fleet'] as const

const ms = (value: number | null | undefined) =>
  value === null || value === undefined ? '–' : value.toFixed(0)

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((a, b) => a + b, 0)
}

/** For a person. */
export function fleetRowsTables({ rows, pace, knee }: FleetRows): string {
  const played = rows.filter((row): row is FleetRow => 'report' in row)
  const name = (row: { locks: number; pace: number }) =>
    `${row.locks}${row.pace === pace ? '' : ` (× ${row.pace})`}`
  const latencies = played.map((row) => {
    const { figures, bench } = row.report
    const { journeys, wishToCode, changeToCard } = figures
    return [
      name(row),
      figures.offeredPerMinute.toFixed(0),
      `${figures.secondHalf.ended}/${figures.secondHalf.offered}`,
      String(journeys.completed),
      String(sum(journeys.refused)),
      String(sum(journeys.stuck)),
      `${ms(wishToCode.p50Ms)}/${ms(wishToCode.p99Ms)}`,
      `${ms(changeToCard.all.p50Ms)}/${ms(changeToCard.all.p99Ms)}`,
      `${ms(bench?.unlock.unloaded.wall.p50Ms)} → ${ms(bench?.unlock.loaded.wall.p50Ms)}`,
      row.loadBefore.toFixed(1),
    ]
  })
  const parties = played.map((row) => {
    const of = (party: string) => row.report.parties?.find((one) => one.party === party)
    return [
      name(row),
      ...PARTIES.map((party) => {
        const found = of(party)
        return found ? `${found.cpuPercent.toFixed(0)} %, ${found.peakMegabytes}` : '–'
      }),
    ]
  })
  return [
    `Fleets, a bay taken every ${(90 / pace).toFixed(1)} minutes; × 1 is every 90 minutes:`,
    table(
      [
        'locks',
        'offered/min',
        'ended/offered*',
        'completed',
        'refused',
        'neither',
        'wish → code',
        'state → card',
        'unlock',
        'load',
      ],
      latencies,
    ),
    'p50/p99 ms; * in the second half of the run; unlock: the median of the bench’s own lock, without a fleet → under load',
    ...rows.flatMap((row) => ('failed' in row ? [`${name(row)}: ${row.failed}`] : [])),
    '',
    table(['locks: CPU of a core, MB', ...PARTIES], parties),
    '',
    knee.firstBad === undefined
      ? `No knee: the parties kept up with ${knee.lastGood ?? 'none of'} locks.`
      : `The knee: kept up with ${knee.lastGood ?? 'no'} locks, not with ${knee.firstBad} (${knee.why ?? ''}).`,
  ].join('\n')
}
