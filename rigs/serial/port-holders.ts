import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'

export interface PortHolder {
  readonly pid: number
  /** As `ps` calls it. */
  readonly name: string
}

/** Whoever made a pty holds its other end, and often this one too, so that it outlives its clients. */
const PTY_MASTER = '/dev/ptmx'

/**
 * Who has a device open, as far as Linux tells this user: of other users' processes only root learns. It is asked
 * before the port is opened, since opening it already resets many an Arduino.
 * @param device its real path, e.g. `/dev/ttyACM0`
 */
export function portHolders(device: string, processes = '/proc'): PortHolder[] {
  const isPty = device.startsWith('/dev/pts/')
  return listOf(processes)
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => {
      const folder = join(processes, pid)
      const open = listOf(join(folder, 'fd')).map((descriptor) => linkAt(join(folder, 'fd', descriptor)))
      if (!open.includes(device) || (isPty && open.some((path) => path?.startsWith(PTY_MASTER)))) return []
      return [{ pid: Number(pid), name: nameOf(folder) }]
    })
}

function listOf(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return [] // it has ended meanwhile, or belongs to another user
  }
}

function linkAt(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}

function nameOf(folder: string): string {
  try {
    return readFileSync(join(folder, 'comm'), 'utf8').trim()
  } catch {
    return 'a process'
  }
}
