/**
 * `npm run test:external [-- platform|cloud|both…] [-- --rounds N]`: the whole suite on external parties, each a process
 * of its own, by the files of docs/own-party.md. The parties stay up over the rounds, two by default. Passes when every
 * scenario of every round passed, or was skipped by name for a capability that a party lacks: at most three a round.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { documentedFiles } from './documented-files.js'
import { playRound, startServed, type Round, type ServedProcess } from './external-round.js'

const ARRANGEMENTS = { platform: ['platform'], cloud: ['cloud'], both: ['platform', 'cloud'] } as const
type Arrangement = keyof typeof ARRANGEMENTS

async function play(arrangement: Arrangement, rounds: number): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-external-'))
  const parties: ServedProcess[] = []
  let isGood = true
  try {
    for (const [name, text] of await documentedFiles())
      writeFileSync(join(folder, name), text, { mode: 0o600 })
    for (const party of ARRANGEMENTS[arrangement]) parties.push(startServed(party, folder))
    for (let round = 1; round <= rounds; round++) {
      const result = await playRound(
        join(folder, `my-${arrangement}.yaml`),
        join(folder, `evidence-${round}`),
      )
      const restarted = parties.filter((served) => served.hasEnded()).map(({ party }) => party)
      tell(arrangement, round, result, restarted)
      isGood &&= result.problems.length === 0 && restarted.length === 0
    }
    return isGood
  } finally {
    for (const party of parties) await party.close()
    if (isGood) rmSync(folder, { recursive: true, force: true })
    else process.stderr.write(`test:external: the evidence is in ${folder}\n`)
  }
}

function tell(arrangement: Arrangement, round: number, result: Round, ended: readonly string[]): void {
  const { passed, skipped, seconds, problems } = result
  process.stdout.write(
    `${JSON.stringify({ external: arrangement, round, passed, skipped: skipped.length, seconds })}\n`,
  )
  for (const name of skipped) process.stderr.write(`test:external ${arrangement}: not shown: ${name}\n`)
  for (const problem of problems) process.stderr.write(`test:external ${arrangement}: ${problem}\n`)
  for (const party of ended) process.stderr.write(`test:external ${arrangement}: the ${party} has ended\n`)
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '2' } },
})
const rounds = Number(values.rounds)
const unknown = positionals.filter((name) => !Object.hasOwn(ARRANGEMENTS, name))
if (unknown.length > 0 || !Number.isSafeInteger(rounds) || rounds < 1) {
  const known = Object.keys(ARRANGEMENTS).join(', ')
  process.stderr.write(`test:external: give some of ${known}, or none for all; --rounds is a whole number\n`)
  process.exit(2)
}
const chosen = (positionals.length > 0 ? positionals : Object.keys(ARRANGEMENTS)) as Arrangement[]
for (const arrangement of chosen) {
  if (!(await play(arrangement, rounds))) process.exitCode = 1
}
