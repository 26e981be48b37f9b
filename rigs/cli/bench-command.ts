import { EXIT } from './exit-code.js'
import { UsageError } from './failure-exit.js'

/** Each benchmark with its tables for people; its module is loaded when it is asked for. */
const BENCHMARKS: Readonly<
  Record<string, (progress: (what: string) => void) => Promise<{ figures: unknown; tables: () => string }>>
> = {
  can: async (progress) => {
    const { benchmarkCan } = await import('../benchmarks/can/bench-can.js')
    const { canTables } = await import('../benchmarks/can/can-tables.js')
    const figures = await benchmarkCan(progress)
    return { figures, tables: () => canTables(figures) }
  },
  scan: async (progress) => {
    const { benchmarkScan } = await import('../benchmarks/scan/bench-scan.js')
    const { scanTables } = await import('../benchmarks/scan/scan-tables.js')
    const figures = await benchmarkScan(progress)
    return { figures, tables: () => scanTables(figures) }
  },
}

/**
 * Measures a part of Lockstep, beside its peers where this machine has them.
 * @throws UsageError for a name that is none
 */
export async function bench(name: string, { json }: { json?: true }): Promise<number> {
  const measure = Object.hasOwn(BENCHMARKS, name) ? BENCHMARKS[name] : undefined
  if (!measure) {
    const known = Object.keys(BENCHMARKS).join(', ')
    throw new UsageError(`there is no benchmark ${JSON.stringify(name)}; known: ${known}`)
  }
  const { figures, tables } = await measure((what) => console.error(`bench ${name}: ${what}`))
  console.log(json ? JSON.stringify(figures) : tables())
  return EXIT.passed
}
