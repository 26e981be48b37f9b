import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { IConfiguration } from '@cucumber/cucumber/api'
import { packageRoot } from '../../reference/package-root.js'

/** What the steps are told of the run, as Cucumber's world parameters. */
export interface RunParameters {
  /** A profile's name or file. */
  readonly rig: string
  readonly evidenceFolder: string
  /** With `--rig auto`: the rigs that this machine could not carry, and why. */
  readonly passedOver?: string
  /** The run is judged by its evidence afterwards; an unconfirmed safe state need not stop Cucumber in its tracks. */
  readonly judged?: true
}

export interface RunRequest extends RunParameters {
  readonly tags?: string
  /** Feature files, folders or `file:line`; all features when there are none. */
  readonly paths?: readonly string[]
}

/** Where a run's evidence goes below `parent`: named after the moment and the rig; not made yet. */
export function evidenceFolderFor(parent: string, rig: string, at: Date): string {
  const moment = at.toISOString().replace(/[:.]/g, '-')
  return join(parent, `${moment}-${rig.replace(/[^A-Za-z0-9_-]+/g, '_').slice(-40)}`)
}

/** Cucumber's configuration for a run; the one place that both command lines take it from. */
export function cucumberOptions({ tags, paths, ...parameters }: RunRequest): Partial<IConfiguration> {
  const { evidenceFolder } = parameters
  return {
    paths: paths?.length ? [...paths] : [join(packageRoot, 'features')],
    import: [join(packageRoot, 'dist', 'step-definitions', '**', '*.js').replaceAll('\\', '/')],
    format: [
      [pathToFileURL(join(packageRoot, 'dist', 'rigs', 'evidence', 'progress.js')).href],
      ['message', join(evidenceFolder, 'messages.ndjson')],
      ['junit', join(evidenceFolder, 'junit.xml')],
    ],
    // A retried pass would hide what the run is there to show, and one board serves one scenario at a time.
    retry: 0,
    parallel: 0,
    ...(tags && { tags }),
    worldParameters: parameters satisfies RunParameters,
  }
}
