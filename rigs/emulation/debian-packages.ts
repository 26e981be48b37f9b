import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** A command, the folder of a Python module, or another file, that a Debian package brings. */
export type DebianPart =
  | { readonly command: string; readonly package: string }
  | { readonly pythonModule: string; readonly package: string }
  | { readonly file: string; readonly package: string }

/** Where Debian's packages put modules for Debian's own Python. */
const PYTHON_MODULES = '/usr/lib/python3/dist-packages'

function nameOf(part: DebianPart): string {
  if ('command' in part) return part.command
  return 'file' in part ? part.file : `Python's ${part.pythonModule}`
}

function isHere(part: DebianPart): boolean {
  if ('command' in part) return findCommand(part.command) !== undefined
  if ('file' in part) return existsSync(part.file)
  const module = join(PYTHON_MODULES, part.pythonModule)
  return existsSync(module) || existsSync(`${module}.py`)
}

/** Debian packages that this machine lacks, with the line that installs them. */
export class MissingDebianPackages extends Error {
  override readonly name = 'MissingDebianPackages'
  constructor(purpose: string, lacking: readonly DebianPart[]) {
    const packages = [...new Set(lacking.map((each) => each.package))].sort()
    super(
      `${purpose} needs ${lacking.map(nameOf).join(', ')}, which ${
        lacking.length === 1 ? 'is' : 'are'
      } not here; install with: apt-get install -y --no-install-recommends ${packages.join(' ')}`,
    )
  }
}

// The super user's folders too: Debian leaves them out of an ordinary user's PATH.
const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/bin', '/bin']

/** The path of a command on this machine, if it has it. */
export function findCommand(command: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...SYSTEM_FOLDERS]
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, command))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}

/** @throws MissingDebianPackages naming all that are lacking at once */
export function requireDebianPackages(purpose: string, needed: readonly DebianPart[]): void {
  const lacking = needed.filter((part) => !isHere(part))
  if (lacking.length > 0) throw new MissingDebianPackages(purpose, lacking)
}
