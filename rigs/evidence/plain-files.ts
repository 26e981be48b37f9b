import { lstatSync, readdirSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import { UsageFault } from '../../reference/ports/faults.js'

/** An evidence folder that came from elsewhere holds something that is neither a plain file nor a folder. */
export class NotPlainEvidence extends UsageFault {
  override readonly name = 'NotPlainEvidence'
  constructor(what: readonly string[]) {
    const text = what.map((each) => `\n  ${each}`).join('')
    super(`evidence is read from plain files only; take these out of the folder:${text}`)
  }
}

/** Named in the error, at most. */
const MOST_NAMED = 20

/**
 * Looks through an evidence folder before anything in it is opened: a link leads out of it, and a FIFO, socket or device may
 * never end.
 * @throws NotPlainEvidence
 */
export function requirePlainFiles(folder: string): void {
  const found: string[] = []
  const look = (below: string) => {
    for (const name of readdirSync(join(folder, below))) {
      const path = join(below, name)
      const entry = lstatSync(join(folder, path))
      if (entry.isDirectory()) look(path)
      else if (!entry.isFile()) found.push(`${path}: ${kindOf(entry)}`)
    }
  }
  look('.')
  const more = found.length - MOST_NAMED
  if (found.length > 0) {
    throw new NotPlainEvidence([...found.slice(0, MOST_NAMED), ...(more > 0 ? [`and ${more} more`] : [])])
  }
}

function kindOf(entry: Stats): string {
  if (entry.isSymbolicLink()) return 'a symbolic link'
  if (entry.isFIFO()) return 'a FIFO'
  return entry.isSocket() ? 'a socket' : 'a device'
}
