import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { pathToFileURL } from 'node:url'
import { packageRoot } from '../../reference/package-root.js'

/** Where a module of ours is imported from, by step definitions of another project. */
export const moduleUrl = (file: string) => pathToFileURL(join(packageRoot, 'dist', file)).href

/**
 * Has the real Cucumber run a small project of a user's own, with the support code that carries classes of errors.
 * @param steps an ES module
 * @param judged as `lockstep run` says it to the support code
 * @returns the folder of its evidence, and what Cucumber printed
 */
export async function runTestFeatures(
  t: TestContext,
  { feature, steps, judged }: { readonly feature: string; readonly steps: string; readonly judged?: true },
): Promise<{ readonly folder: string; readonly output: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-cucumber-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  mkdirSync(join(folder, 'features'))
  writeFileSync(join(folder, 'features', 'a.feature'), feature)
  writeFileSync(
    join(folder, 'steps.mjs'),
    `import '${moduleUrl('step-definitions/support/fault-classes.js')}'\n${steps}`,
  )
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  symlinkSync(join(packageRoot, 'node_modules'), join(folder, 'node_modules'))
  const bin = join(packageRoot, 'node_modules', '@cucumber', 'cucumber', 'bin', 'cucumber.js')
  const progress = join(packageRoot, 'dist', 'rigs', 'evidence', 'progress.js')
  const flags = [progress, 'message:messages.ndjson', 'junit:junit.xml'].flatMap((to) => ['--format', to])
  const parameters = JSON.stringify({ rig: 'virtual', evidenceFolder: folder, ...(judged && { judged }) })
  const output = await new Promise<string>((resolve) => {
    execFile(
      process.execPath,
      [bin, '--import', 'steps.mjs', '--world-parameters', parameters, ...flags],
      { cwd: folder },
      (_error, out, err) => resolve(out + err),
    )
  })
  return { folder, output }
}
