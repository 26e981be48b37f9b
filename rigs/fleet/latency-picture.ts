import { drawChart, logAxis } from './chart.js'
import type { FleetReport } from './fleet-report.js'

/** How long users of a fleet waited: the share of them by time, SVG. */
export function latencyPicture({ played, against, figures, bench }: FleetReport): string {
  const { wishToCode, changeToCard } = figures.curves
  const percent = (curve: typeof wishToCode) => curve.map(([share, ms]) => [ms, 100 * share] as const)
  const all = [...wishToCode, ...changeToCard].map(([, ms]) => ms)
  const { unloaded, loaded } = bench?.unlock ?? {}
  const ms = (value: number | null | undefined) =>
    value === null || value === undefined ? 'not measured' : `${value} ms`
  return drawChart({
    title: `${played.locks} locks, ${figures.offeredPerMinute} journeys a minute`,
    notes: [
      `against ${against}; ${figures.journeys.offered} offered, ${figures.journeys.completed} completed; seed ${played.seed}`,
      ...(bench
        ? [
            `the bench's own lock, code before the camera to bolt on its way, median: ${ms(unloaded?.wall.p50Ms)} without a fleet, ${ms(loaded?.wall.p50Ms)} under load`,
          ]
        : []),
    ],
    x: logAxis('milliseconds', all),
    y: { title: 'percent of all', scale: 'linear', from: 0, to: 100, ticks: [0, 20, 40, 60, 80, 100] },
    lines: [
      { name: 'wish → code at the phone', colour: '#1b6ca8', points: percent(wishToCode) },
      { name: "lock's event → card at the phone", colour: '#d1742c', points: percent(changeToCard) },
    ],
  })
}
