import { dirname, delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Node lines that npm installs `socketcan` for (its `engines`). */
function hasNativeBackEnd(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return (major === 22 && minor >= 22) || (major === 24 && minor >= 15) || major >= 26
}

/** Environment of `kernel-job.js`: which interfaces, and which back ends must be there. */
export function kernelEnvironment(interfaces: readonly string[]): Record<string, string> {
  return {
    PATH: [dirname(process.execPath), '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'].join(
      delimiter,
    ),
    HOME: process.env['HOME'] ?? '/root',
    LANG: 'C.UTF-8',
    LOCKSTEP_CAN_INTERFACES: interfaces.join(','),
    LOCKSTEP_CAN_BACKENDS: hasNativeBackEnd(process.versions.node) ? 'addon,native,pipe' : 'addon,pipe',
  }
}

/** The command that runs the tests on a kernel with CAN; with a word, those whose file's path contains it. */
export function kernelJob(rig: 'vcan' | 'emulated', word = ''): string[] {
  return [process.execPath, join(dirname(fileURLToPath(import.meta.url)), 'kernel-job.js'), rig, 'all', word]
}
