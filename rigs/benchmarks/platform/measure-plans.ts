import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PlanningRig } from '../../conformance/platform/planning-rig.js'
import { openLibsqlStore } from '../../drivers/libsql/libsql-store.js'
import { percentile } from '../percentile.js'

export interface PlanRow {
  readonly spaces: number
  readonly plans: number
  /** How many found a space. */
  readonly found: number
  /** The first plan reads the whole inventory. */
  readonly firstMs: number
  readonly p50Ms: number
  readonly p99Ms: number
}

const WARM_UP = 50

/** What a plan takes from the question to the platform to the choice, while the states of the spaces change. */
export async function measurePlans(spaces: number, plans: number, seed: number): Promise<PlanRow> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-bench-'))
  const store = await openLibsqlStore(`libsql:${join(folder, 'platform.db')}`)
  try {
    const rig = await PlanningRig.start(store, spaces, seed)
    try {
      const timed = async () => {
        const from = performance.now()
        const found = await rig.plan()
        return { found, ms: performance.now() - from }
      }
      const first = await timed()
      const took: number[] = []
      let found = 0
      for (let i = 0; i < WARM_UP + plans; i++) {
        await rig.change()
        const plan = await timed()
        if (i < WARM_UP) continue
        took.push(plan.ms)
        if (plan.found) found++
      }
      took.sort((a, b) => a - b)
      const at = (share: number) => Number((percentile(took, share) ?? NaN).toFixed(2))
      return { spaces, plans, found, firstMs: Math.round(first.ms), p50Ms: at(0.5), p99Ms: at(0.99) }
    } finally {
      await rig.close()
    }
  } finally {
    await store.close()
    rmSync(folder, { recursive: true })
  }
}
