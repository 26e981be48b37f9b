import { readFileSync, statfsSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'

function readHost(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/**
 * The last processor that this process may run on: a container may have others than the first ones.
 * @param status as `/proc/self/status` has it
 */
export function lastProcessor(status = readHost('/proc/self/status')): string {
  return /^Cpus_allowed_list:.*?(\d+)\s*$/m.exec(status)?.[1] ?? String(availableParallelism() - 1)
}

const SHARED_MEMORY = '/dev/shm'

function freeBytes(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize
  } catch {
    return 0
  }
}

/**
 * Where user-mode Linux keeps its memory, in a file that it executes: shared memory where that will do. Containers
 * often have 64 MB of it, and mounted `noexec`.
 * @param mounts as `/proc/mounts` has it
 */
export function memoryFolder(
  bytes: number,
  { mounts = readHost('/proc/mounts'), free = freeBytes }: { mounts?: string; free?: typeof freeBytes } = {},
): string {
  const options = mounts
    .split('\n')
    .map((line) => line.split(' '))
    .findLast(([, place]) => place === SHARED_MEMORY)?.[3]
    ?.split(',')
  const sound = options !== undefined && !options.includes('noexec') && free(SHARED_MEMORY) >= bytes
  return sound ? SHARED_MEMORY : tmpdir()
}
