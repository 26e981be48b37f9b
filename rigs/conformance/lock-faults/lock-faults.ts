import { after, before, describe, it } from 'node:test'
import { FaultBench } from './fault-bench.js'
import { FAULT_CASES, type FaultCase } from './fault-cases.js'
import type { FaultRig } from './fault-rig.js'

/** Wall milliseconds after which a rig that has stopped counts as failed; never the measure of a passing test. */
const STUCK_MS = 150_000

/**
 * What the lock's machine makes of every fault, on any body whose faults can be played. Judged in hardware time only.
 * @param makeRig called once for the cases that share a rig, and anew for each that ends its own
 */
export function lockFaultConformance(
  name: string,
  makeRig: () => Promise<FaultRig>,
  isWanted: (faultCase: FaultCase) => boolean = () => true,
): void {
  describe(`${name}: every fault has its verdict`, { timeout: STUCK_MS }, () => {
    let shared: FaultRig
    before(async () => {
      shared = await makeRig()
    })
    after(() => shared.close())

    async function play(faultCase: FaultCase, rig: FaultRig): Promise<void> {
      const bench = new FaultBench(rig)
      try {
        await bench.toBaseline()
        await faultCase.play(bench)
      } finally {
        bench.close()
      }
    }

    for (const faultCase of FAULT_CASES.filter(isWanted)) {
      it(faultCase.title, async (t) => {
        if (!faultCase.needsChip) return play(faultCase, shared)
        if (!shared.hasChip) return t.skip('a body without a chip cannot be reset')
        const own = await makeRig()
        try {
          await play(faultCase, own)
        } finally {
          await own.close()
        }
      })
    }
  })
}
