import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunRecord } from './run-record.js'

/** The properties that a run's JUnit file carries, by name. */
export function junitProperties(run: RunRecord): [name: string, value: string][] {
  return [
    ['rig', run.rig],
    ['fidelity', run.fidelity],
    ...run.parties.map(({ party, url }): [string, string] => [`party.${party}`, url ?? 'reference']),
  ]
}

/**
 * Writes what ran into Cucumber's `junit.xml`, as properties of its test suite: Cucumber has no place for them. A file
 * that was not written is passed over.
 */
export function addJunitProperties(folder: string, run: RunRecord | undefined): void {
  const file = join(folder, 'junit.xml')
  let xml: string
  try {
    xml = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  if (!run || xml.includes('<properties>')) return
  const properties = junitProperties(run).map(
    ([name, value]) => `    <property name="${escaped(name)}" value="${escaped(value)}"/>`,
  )
  const whole = xml.replace(
    /<testsuite [^>]*[^/]>/,
    (suite) => `${suite}\n  <properties>\n${properties.join('\n')}\n  </properties>`,
  )
  // Beside it first, so that a process killed here leaves a whole file.
  writeFileSync(`${file}.whole`, whole)
  renameSync(`${file}.whole`, file)
}

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
