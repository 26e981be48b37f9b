import { table } from '../benchmarks/table.js'
import type { FleetReport, UnlockLatency } from './fleet-report.js'
import { CARDS, type Latency } from './fleet-tally.js'

const ms = (value: number | null) => (value === null ? '–' : value.toFixed(1))
const latency = (what: string, { count, p50Ms, p99Ms }: Latency) => [
  what,
  String(count),
  ms(p50Ms),
  ms(p99Ms),
]
const counts = (of: Readonly<Record<string, number>>) =>
  Object.entries(of).map(([what, count]) => [`  ${what}`, String(count)])

/** For a person. */
export function fleetTables(report: FleetReport): string {
  const { played, figures, parties, bench, contracts, failures, machine } = report
  const { journeys } = figures
  const refused = Object.values(journeys.refused).reduce((a, b) => a + b, 0)
  return [
    `${machine.processor}, ${machine.cores} cores, Node ${machine.node}`,
    `${played.locks} locks, ${played.vehicles} cars, ${played.users} users (seed ${played.seed}) against ${report.against}`,
    `bays: ${report.bays}; a drive of ${played.driveSeconds} s and a stay of ${played.staySeconds} s on average, ` +
      `a GPS fix of each lock every ${played.fixSeconds} s`,
    '',
    table(
      ['journeys', ''],
      [
        ['offered', String(journeys.offered)],
        ['completed', String(journeys.completed)],
        ...(journeys.completedAfterAsking > 0
          ? [['  heard of the end only when they asked', String(journeys.completedAfterAsking)]]
          : []),
        ['cancelled by the user', String(journeys.cancelled)],
        ['refused by name', String(refused)],
        ...counts(journeys.refused),
        ['neither', String(Object.values(journeys.stuck).reduce((a, b) => a + b, 0))],
        ...counts(journeys.stuck),
        ['offered a minute', figures.offeredPerMinute.toFixed(1)],
        ['ended a minute', figures.achievedPerMinute.toFixed(1)],
      ],
    ),
    '',
    table(
      ['from … to the phone', 'n', 'p50 ms', 'p99 ms'],
      [
        latency('wish → code', figures.wishToCode),
        ...CARDS.map((card) => latency(`lock: ${card}`, figures.changeToCard[card])),
        latency('lock: all', figures.changeToCard.all),
      ],
    ),
    `the fleet's own process was late by ${figures.ownDelayP99Ms} ms (p99)`,
    ...(bench ? ['', ...benchLines(bench)] : []),
    ...(parties
      ? [
          '',
          table(
            ['process', 'CPU s', '% of a core', 'peak MB'],
            parties
              .filter(({ cpuSeconds }) => cpuSeconds > 0)
              .map(({ party, cpuSeconds, cpuPercent, peakMegabytes }) => [
                party,
                cpuSeconds.toFixed(1),
                cpuPercent.toFixed(1),
                String(peakMegabytes),
              ]),
          ),
        ]
      : []),
    ...(contracts
      ? [
          '',
          table(
            ['contract', 'checked', 'broken'],
            contracts
              .filter(({ checked }) => checked > 0)
              .map(({ wire, checked, violations }) => [wire, String(checked), String(violations)]),
          ),
        ]
      : []),
    '',
    ...(failures.length === 0 ? ['passed'] : ['FAILED', ...failures.map((failure) => `  ${failure}`)]),
  ].join('\n')
}

function benchLines({ selection, rounds, scenarios, unlock }: NonNullable<FleetReport['bench']>): string[] {
  const row = (what: string, { wall, hardware }: UnlockLatency) => [
    what,
    String(wall.count),
    ms(wall.p50Ms),
    ms(wall.p99Ms),
    ms(hardware.p50Ms),
  ]
  return [
    `The bench's own lock, ${rounds} rounds of the scenarios ${selection}:`,
    table(
      ['scenario', 'passed', 'failed'],
      scenarios.map(({ scenario, passed, failed }) => [scenario, String(passed), String(failed)]),
    ),
    '',
    table(
      ['code before the camera → bolt moves', 'n', 'p50 ms', 'p99 ms', "p50 by the board's clock"],
      [row('without a fleet', unlock.unloaded), row('under load', unlock.loaded)],
    ),
  ]
}
