import { readFileSync } from 'node:fs'

/** What a process needs beside its connections: modules, pipes, standard streams. */
const OTHERS = 200

/** Thrown before a fleet connects, when this process may not have so many connections. */
export class TooFewOpenFiles extends Error {
  override readonly name = 'TooFewOpenFiles'
  constructor(allowed: number, needed: number) {
    super(
      `a fleet of this size needs ${needed} open files and this process may have ${allowed}\n` +
        `  To mend it: ulimit -n ${needed}, or a smaller fleet; the broker's process needs as many`,
    )
  }
}

/** The limit of this process, or undefined where the system does not say. Node has raised the soft limit to the hard one. */
export function openFilesAllowed(limits = readLimits()): number | undefined {
  const found = /^Max open files\s+(\d+|unlimited)/m.exec(limits)?.[1]
  if (found === undefined) return undefined
  return found === 'unlimited' ? Infinity : Number(found)
}

/** @throws TooFewOpenFiles */
export function requireOpenFiles(connections: number, allowed = openFilesAllowed()): void {
  const needed = connections + OTHERS
  if (allowed !== undefined && allowed < needed) throw new TooFewOpenFiles(allowed, needed)
}

function readLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'latin1')
  } catch {
    return '' // not Linux
  }
}
