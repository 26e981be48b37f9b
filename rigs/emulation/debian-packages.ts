import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** A command that a Debian package brings. */
export interface DebianCommand {
  readonly command: string
  readonly package: string
}

/** Debian packages that this machine lacks, with the line that installs them. */
export class MissingDebianPackages extends Error {
  override readonly name = 'MissingDebianPackages'
  constructor(purpose: string, lacking: readonly DebianCommand[]) {
    const packages = [...new Set(lacking.map((each) => each.package))].sort()
    super(
      `${purpose} needs ${lacking.map(({ command }) => command).join(', ')}, which ${
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
export function requireDebianCommands(purpose: string, needed: readonly DebianCommand[]): void {
  const lacking = needed.filter(({ command }) => findCommand(command) === undefined)
  if (lacking.length > 0) throw new MissingDebianPackages(purpose, lacking)
}
