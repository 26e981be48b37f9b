import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../../reference/package-root.js'

const FOLDER = join(packageRoot, 'rigs/drivers/socketcan')

/** What the committed addon was built of: `npm run build:can-addon` writes it beside the binaries. */
export interface AddonRecord {
  /** Of the sources and of the script that builds them: `sourcesHash`. */
  readonly sources: string
  /** As `gcc -dumpfullversion` has it. */
  readonly compiler: string
  /** SHA-256 of each binary, by its file name. */
  readonly binaries: Readonly<Record<string, string>>
}

export const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex')

/** Where the binaries are. */
export const PREBUILT = join(FOLDER, 'prebuilt')

/** Builds the addon for every processor that there is a compiler for. */
export const BUILD_SCRIPT = join(FOLDER, 'addon/build.sh')

/** SHA-256 over all sources in the order of their names. */
export function sourcesHash(): string {
  const folder = join(FOLDER, 'addon')
  const lines = readdirSync(folder)
    .sort()
    .map((name) => `${sha256(readFileSync(join(folder, name)))}  ${name}\n`)
  return sha256(lines.join(''))
}

export const addonRecord = (): AddonRecord =>
  JSON.parse(readFileSync(join(PREBUILT, 'built-of.json'), 'utf8')) as AddonRecord

/** SHA-256 of the binaries in a folder, by their file names. */
export const binaryHashes = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder)
      .filter((name) => name.endsWith('.node'))
      .sort()
      .map((name) => [name, sha256(readFileSync(join(folder, name)))]),
  )
