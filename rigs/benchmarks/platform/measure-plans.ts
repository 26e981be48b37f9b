import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { PlanningRig } from '../../conformance/platform/planning-rig.js'
import { openLibsqlStore } from '../../drivers/libsql/libsql-store.js'
import { percentile } from '../percentile.js'

export interface PlanRow {
  readonly spaces: number
  readonly plans: number
  /** How many found a space. */
  readonly found: number
  /** The whole list of spaces, as a cloud reads it ahead when it starts. */
  readonly listMs: number
  /** Longest that this kept platform and cloud, in one process here, from anything else. */
  readonly listHoldsUpMs: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Of processor time, platform and cloud together: what others on the machine do does not count. */
  readonly processorP50Ms: number
  readonly processorP99Ms: number
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
        const processor = process.cpuUsage()
        const from = performance.now()
        const found = await rig.plan()
        const ms = performance.now() - from
        const { user, system } = process.cpuUsage(processor)
        return { found, ms, processorMs: (user + system) / 1_000 }
      }
      const loop = monitorEventLoopDelay({ resolution: 1 })
      loop.enable()
      const from = performance.now()
      await rig.readAhead()
      const listMs = performance.now() - from
      loop.disable()
      const took: number[] = []
      const worked: number[] = []
      let found = 0
      for (let i = 0; i < WARM_UP + plans; i++) {
        await rig.change()
        const plan = await timed()
        if (i < WARM_UP) continue
        took.push(plan.ms)
        worked.push(plan.processorMs)
        if (plan.found) found++
      }
      const at = (values: number[], share: number) => {
        values.sort((a, b) => a - b)
        return Number((percentile(values, share) ?? NaN).toFixed(2))
      }
      return {
        spaces,
        plans,
        found,
        listMs: Math.round(listMs),
        listHoldsUpMs: Math.round(loop.max / 1e6),
        p50Ms: at(took, 0.5),
        p99Ms: at(took, 0.99),
        processorP50Ms: at(worked, 0.5),
        processorP99Ms: at(worked, 0.99),
      }
    } finally {
      await rig.close()
    }
  } finally {
    await store.close()
    rmSync(folder, { recursive: true })
  }
}
