import type { Phase, Tier } from './tier.js'

/** Node 24 keeps what it compiled for the next of the many processes that a tier starts. */
const onNode24 = (command: string) =>
  `export NODE_COMPILE_CACHE=$PWD/evidence/ci/compiled; npx -y -p node@24 -- bash -c 'node --version; ${command}'`

/**
 * What continuous integration runs on two cores, after `npm ci`. Debian's tests, user-mode Linux and QEMU beside each
 * other starved one another: an emulated processor that is late loses frames and heartbeats. So they follow one
 * another. What does not depend on the line of Node runs with one of them: format, lint, other people's servers and
 * browsers, emulated machines.
 */
export const CI_PHASES: readonly Phase[] = [
  [[{ name: '`npm test`, Node 20', command: 'npm test', budgetMinutes: 9 }]],
  [[{ name: '`npm run test:debian`', command: 'npm run test:debian', budgetMinutes: 14 }]],
  [[{ name: '`npm run test:vcan`', command: 'npm run test:vcan', budgetMinutes: 9 }]],
  [[{ name: '`npm run test:emulated`', command: 'npm run test:emulated', budgetMinutes: 7 }]],
  [
    [
      {
        name: '`npm run test:external`: both',
        command: 'npm run test:external -- both --rounds 1',
        budgetMinutes: 3,
      },
    ],
  ],
  [[{ name: '`npm ci`, Node 24', command: onNode24('npm ci'), budgetMinutes: 2 }]],
  [
    [
      {
        name: 'unit tests and features, Node 24',
        command: onNode24('npm run test:unit && npm run test:acceptance'),
        budgetMinutes: 9,
      },
    ],
  ],
  // The kernel's CAN by each back end, of which npm builds one for Node 24 only.
  [
    [
      {
        name: "the kernel's CAN, Node 24",
        command: onNode24(vcanPart('tests', 'socketcan')),
        budgetMinutes: 3,
      },
    ],
  ],
]

function vcanPart(part: 'tests' | 'features', word: string): string {
  return `npm run with:vcan -- node dist/rigs/emulation/kernel-job.js vcan ${part} ${word}`
}

/** The tiers whose names hold a word; empty lanes and phases go. */
export function onlyTiers(phases: readonly Phase[], word: string): Phase[] {
  const named = ({ name }: Tier) => name.includes(word)
  return phases
    .map((lanes) => lanes.map((lane) => lane.filter(named)).filter((lane) => lane.length > 0))
    .filter((lanes) => lanes.length > 0)
}
