import { EXIT_CODES } from '../evidence/verdict.js'
import type { Bench } from './bench.js'

/**
 * An operator ended the run: makes the bench safe, says so, and exits. Nothing is said about the product.
 * @param how `interrupted`, or what else ended it
 */
export async function endInterrupted(bench: Bench, how = 'interrupted'): Promise<never> {
  try {
    await bench.close()
    process.stderr.write(`\nlockstep: ${how}; the safe state is confirmed\n`)
    process.exit(EXIT_CODES.rig)
  } catch (error) {
    process.stderr.write(`\nlockstep: ${how}; ${error instanceof Error ? error.message : String(error)}\n`)
    process.exit(EXIT_CODES['safe-state'])
  }
}
