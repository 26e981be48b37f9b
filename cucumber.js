// Profiles for Cucumber's own command line (`npx cucumber-js -p vcan`), one for each fidelity; run `npm run build` first.
// `lockstep run` takes the same options, and adds verdict classes and the report.
import { join } from 'node:path'
import { cucumberOptions, evidenceFolderFor } from './dist/rigs/bench/cucumber-options.js'

const profile = (rig) => {
  const evidenceFolder = evidenceFolderFor(join(process.cwd(), 'evidence'), rig, new Date())
  // Paths are left to the command line: Cucumber would add these to those that are given there.
  const { paths: _, ...options } = cucumberOptions({ rig, evidenceFolder })
  return options
}

const asked = process.env.LOCKSTEP_RIG
export default profile(asked ?? 'virtual')
export const virtual = profile('virtual')
export const vcan = profile('vcan')
export const emulated = profile('emulated')
/** A bench of one's own: `LOCKSTEP_RIG=my-bench.yaml npx cucumber-js -p lab`. */
export const lab = profile(asked ?? 'rigs/profiles/lab.example.yaml')
