import { after, before, describe, it } from 'node:test'
import { FaultBench } from './fault-bench.js'
import type { FaultCase } from './fault-case.js'
import { FAULT_CASES } from './fault-cases.js'
import type { FaultRig } from './fault-rig.js'

/** Wall milliseconds after which a rig that has stopped counts as failed; never the measure of a passing test. */
const STUCK_MS = 150_000

async function play(faultCase: FaultCase, rig: FaultRig): Promise<void> {
  const bench = new FaultBench(rig)
  try {
    await bench.toBaseline()
    await faultCase.play(bench)
  } finally {
    bench.close()
  }
}

/**
 * What the lock's machine makes of every fault, on any body whose faults can be played. Judged in hardware time only.
 * @param makeRig called once for the cases that share a rig, and anew for each that ends its own
 */
export function lockFaultConformance(
  name: string,
  makeRig: () => Promise<FaultRig>,
  isWanted: (faultCase: FaultCase) => boolean = () => true,
): void {
  const wanted = FAULT_CASES.filter(isWanted)
  describe(`${name}: every fault has its verdict`, { timeout: STUCK_MS }, () => {
    let shared: FaultRig
    before(async () => {
      shared = await makeRig()
    })
    after(() => shared.close())
    for (const faultCase of wanted.filter(({ needsChip }) => !needsChip)) {
      it(faultCase.title, () => play(faultCase, shared))
    }
  })
  const ending = wanted.filter(({ needsChip }) => needsChip)
  if (ending.length === 0) return
  describe(`${name}: every fault that ends the rig has its verdict`, { timeout: STUCK_MS }, () => {
    for (const faultCase of ending) {
      it(faultCase.title, async (t) => {
        const own = await makeRig()
        try {
          if (own.hasChip) await play(faultCase, own)
          else t.skip('a body without a chip cannot be reset')
        } finally {
          await own.close()
        }
      })
    }
  })
}
