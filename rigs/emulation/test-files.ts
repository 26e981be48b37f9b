import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../reference/package-root.js'

/**
 * Compiled test files of a tier, found by their sources, since `dist` may still hold what was deleted.
 * @param suffixes of the sources, e.g. `.test-kernel.ts`: names that `node --test` does not find by itself
 */
export function compiledTests(suffixes: readonly string[]): string[] {
  const sources = ['reference', 'rigs', 'step-definitions'].flatMap((folder) =>
    (readdirSync(join(packageRoot, folder), { recursive: true }) as string[]).map((file) =>
      join(folder, file),
    ),
  )
  return sources
    .filter((file) => suffixes.some((suffix) => file.endsWith(suffix)))
    .map((file) => join(packageRoot, 'dist', file.replace(/\.ts$/, '.js')))
    .sort()
}
