import { EXIT } from './exit-code.js'
import { UsageError } from './failure-exit.js'

/**
 * Measures a part of Lockstep, beside its peers where this machine has them.
 * @throws UsageError for a name that is none
 */
export async function bench(name: string, { json }: { json?: true }): Promise<number> {
  if (name !== 'can') throw new UsageError(`there is no benchmark ${JSON.stringify(name)}; known: can`)
  const { benchmarkCan } = await import('../benchmarks/can/bench-can.js')
  const { canTables } = await import('../benchmarks/can/can-tables.js')
  const figures = await benchmarkCan((what) => console.error(`bench can: ${what}`))
  console.log(json ? JSON.stringify(figures) : canTables(figures))
  return EXIT.passed
}
