import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseUnlockCode } from '../../reference/domain/unlock-code.js'
import { RigFault } from '../../reference/ports/faults.js'

/** Text that a run writes; pictures may show codes of synthetic users. */
const TEXT_FILE = /\.(ndjson|json|xml|log|vcd)$/

/** Any run of digits as long as a code, not within a longer one. */
const CODE_LIKE = /(?<!\d)1\d{23}(?!\d)/g

/**
 * Reads a run's text files for unlock codes in clear, as a last look that does not trust the redaction.
 * @returns the files that hold one, relative to the folder
 */
export function filesWithCodes(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && TEXT_FILE.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) =>
      (readFileSync(file, 'utf8').match(CODE_LIKE) ?? []).some((digits) => parseUnlockCode(digits)),
    )
    .map((file) => relative(folder, file))
    .sort()
}

/** An unlock code stands in clear in the evidence: nobody may be shown it. */
export class EvidenceLeaks extends RigFault {
  override readonly name = 'EvidenceLeaks'
  constructor(files: readonly string[]) {
    super(`unlock codes stand in clear in ${files.join(', ')}: delete the evidence, and mend the redaction`)
  }
}
