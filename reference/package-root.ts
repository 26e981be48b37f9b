import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

function findPackageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder)
    if (parent === folder) throw new Error('package.json not found above this module; is the package whole?')
    folder = parent
  }
  return folder
}

/** The folder that holds package.json, and with it the files that are not compiled: contracts, profiles, features. */
export const packageRoot = findPackageRoot()
