import { drawChart, logAxis, type ChartLine } from '../../fleet/chart.js'
import type { FleetRow, FleetRows } from './measure-fleets.js'

/** How long users and the bench's lock wait, by the size of the fleet, with the knee marked: SVG. */
export function fleetPicture({ rows, pace, knee }: FleetRows): string {
  const played = rows.filter((row): row is FleetRow => 'report' in row && row.pace === pace)
  const line = (
    name: string,
    colour: string,
    of: (row: FleetRow) => number | null | undefined,
    dashed?: true,
  ): ChartLine => ({
    name,
    colour,
    ...(dashed && { dashed }),
    points: played.flatMap((row) => {
      const value = of(row)
      return typeof value === 'number' ? [[row.locks, value] as const] : []
    }),
  })
  const lines = [
    line('state change → WeChat card, p99', '#c2410c', (row) => row.report.figures.changeToCard.all.p99Ms),
    line('state change → WeChat card, p50', '#f0a35e', (row) => row.report.figures.changeToCard.all.p50Ms),
    line('wish → code at the phone, p50', '#1b6ca8', (row) => row.report.figures.wishToCode.p50Ms),
    line(
      "the bench's lock: code → bolt, p50",
      '#15803d',
      (row) => row.report.bench?.unlock.loaded.wall.p50Ms,
    ),
    line('… without a fleet', '#15803d', (row) => row.report.bench?.unlock.unloaded.wall.p50Ms, true),
  ].filter(({ points }) => points.length > 0)
  const [first] = played
  return drawChart({
    title: `Fleets on ${first?.report.machine.cores ?? '?'} cores: a bay taken every ${(90 / pace).toFixed(1)} minutes`,
    notes: [
      ...played.map(
        ({ locks, report: { figures } }) =>
          `${locks} locks: ${figures.offeredPerMinute} journeys a minute offered, ${figures.journeys.completed} of ${figures.journeys.offered} completed`,
      ),
      knee.firstBad === undefined
        ? 'no knee among these sizes'
        : `beyond the knee at ${knee.firstBad}: ${knee.why ?? ''}`,
    ],
    x: logAxis(
      'locks',
      played.map(({ locks }) => locks),
    ),
    y: logAxis(
      'milliseconds',
      lines.flatMap(({ points }) => points.map(([, value]) => value)),
    ),
    lines,
    ...(knee.lastGood !== undefined &&
      knee.firstBad !== undefined && {
        mark: { x: knee.lastGood, text: `the knee: ${knee.lastGood} locks` },
      }),
  })
}
