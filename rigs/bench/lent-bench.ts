import type { Bench } from './bench.js'

let lent: Bench | undefined

/** Has all runs of Cucumber in this process use a bench that outlives them, instead of starting one each. */
export function lendBench(bench: Bench | undefined): void {
  lent = bench
}

/** The bench that a run of Cucumber shall use and not close, if there is one. */
export function lentBench(): Bench | undefined {
  return lent
}
