/**
 * `npm run test:soak [-- NAME…] [-- --inputs N --seed S]`: the full counts of what `npm test` runs a share of, with
 * their figures. Seeded: the same seed gives the same inputs.
 */
import { parseArgs } from 'node:util'
import { runCanHour } from './can-hour.js'
import { canLogFuzz } from './can-log-fuzz.js'
import { survive } from './can-log-survival.js'
import { dbcFuzz } from './dbc-fuzz.js'
import { frameFuzz } from './frame-fuzz.js'
import { fuzz, type FuzzFigures, type FuzzTarget } from './fuzz.js'
import { guardianChaos } from './guardian/guardian-chaos.js'
import { isoTpFuzz } from './iso-tp-fuzz.js'
import { PLATFORM_SOAKS } from './platform-soaks.js'
import { externalSoak } from './external-soak.js'
import { everySoOften, type Soak } from './soak-progress.js'
import { slcanFuzz } from './slcan-fuzz.js'
import { socketcandFuzz } from './socketcand-fuzz.js'
import { udpFuzz } from './udp-fuzz.js'

const HOUR_SECONDS = 3_600
const GUARDIAN_ROUNDS = 500
const DEFAULT_INPUTS = 1_000_000
const DEFAULT_SEED = 1

const fuzzing =
  <Input>(target: FuzzTarget<Input>): Soak =>
  ({ inputs, seed }, progress): Promise<FuzzFigures> => {
    const soOften = everySoOften(progress)
    return fuzz(target, { count: inputs, seed }, (done) => soOften(() => `${done} of ${inputs} inputs`))
  }

const SOAKS: Readonly<Record<string, Soak>> = {
  frames: fuzzing(frameFuzz),
  dbc: fuzzing(dbcFuzz),
  'iso-tp': fuzzing(isoTpFuzz),
  slcan: fuzzing(slcanFuzz),
  socketcand: fuzzing(socketcandFuzz),
  udp: fuzzing(udpFuzz),
  'can-logs': fuzzing(canLogFuzz),
  'can-log-survival': ({ inputs, seed }) => survive({ count: Math.ceil(inputs / 100), seed }),
  guardian: ({ seed }, progress) => {
    const soOften = everySoOften(progress)
    return guardianChaos({ rounds: GUARDIAN_ROUNDS, seed }, (round) =>
      soOften(() => `${round} of ${GUARDIAN_ROUNDS} rounds`),
    )
  },
  external: externalSoak,
  ...PLATFORM_SOAKS,
  'can-hour': ({ seed }, progress) => {
    const soOften = everySoOften(progress)
    return runCanHour({ simulatedSeconds: HOUR_SECONDS, seed }, ({ simulatedSeconds, frames }) =>
      soOften(() => `${Math.round(simulatedSeconds)} of ${HOUR_SECONDS} simulated seconds, ${frames} frames`),
    )
  },
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    inputs: { type: 'string', default: String(DEFAULT_INPUTS) },
    seed: { type: 'string', default: String(DEFAULT_SEED) },
  },
})
const settings = { inputs: Number(values.inputs), seed: Number(values.seed) }
const unknown = positionals.filter((name) => !Object.hasOwn(SOAKS, name))
if (unknown.length > 0 || !Number.isSafeInteger(settings.inputs) || !Number.isSafeInteger(settings.seed)) {
  process.stderr.write(
    `soak: ${unknown.length > 0 ? `no soak ${unknown.join(', ')}` : '--inputs and --seed are whole numbers'}; ` +
      `known: ${Object.keys(SOAKS).join(', ')}\n`,
  )
  process.exit(2)
}
for (const name of positionals.length > 0 ? positionals : Object.keys(SOAKS)) {
  process.stderr.write(`soak ${name}: begins\n`)
  try {
    const figures = await SOAKS[name]?.(settings, (what) => process.stderr.write(`soak ${name}: ${what}\n`))
    process.stdout.write(`${JSON.stringify({ soak: name, ...(figures as object) })}\n`)
  } catch (error) {
    // The others still run: one defect must not hide another.
    process.stderr.write(`soak ${name}: ${String(error)}\n`)
    process.exitCode = 1
  }
}
