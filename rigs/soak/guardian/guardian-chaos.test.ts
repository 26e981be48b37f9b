import { test } from 'node:test'
import { guardianChaos } from './guardian-chaos.js'

/** Each round takes 2 to 8 s; `npm run test:soak -- guardian` plays 500. */
const ROUNDS = 3

test(
  'whatever is done to a bench in mid-travel, its power is proven off and nothing is left',
  { timeout: 150_000, skip: process.platform !== 'linux' },
  async (t) => {
    t.diagnostic(JSON.stringify(await guardianChaos({ rounds: ROUNDS, seed: 1 })))
  },
)
