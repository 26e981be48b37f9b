import assert from 'node:assert/strict'
import { DEFAULT_BOLT_THRESHOLDS } from '../../../reference/domain/lock-thresholds.js'
import type { PlantFault } from '../../simulated/lock-plant/plant-faults.js'
import type { FaultBench } from './fault-bench.js'

export interface FaultCase {
  readonly kind: PlantFault['kind'] | 'host-stall'
  /** The verdict, as the table in the docs has it. */
  readonly title: string
  /** Needs a chip that can be reset. */
  readonly needsChip?: true
  readonly play: (bench: FaultBench) => Promise<void>
}

/** From the machine's decision to an open relay, with a host, a line and a firmware between: longer than they take. */
export const RELAY_OPENS_MS = 50

/** A jam, a vehicle: from when it can be noticed to what must be done, hardware ms. */
const AT_MOST_MS = 100

const { inrushHardwareMs, stallAmps } = DEFAULT_BOLT_THRESHOLDS

export function assertSoon(fromMs: number, toMs: number, atMostMs = AT_MOST_MS): void {
  assert.ok(toMs >= fromMs && toMs - fromMs <= atMostMs, `${toMs - fromMs} hardware ms`)
}

/** When a stall could be noticed first, and when the power went. */
function cutAfterStall(bench: FaultBench, from: number): { detectableMs: number; cutMs: number } {
  const supplied = bench.record('supply', from, (record) => record.supplied)
  const judgedFrom = supplied.hardwareMs + inrushHardwareMs
  const stalled = bench.record(
    'stall',
    supplied.hardwareMs + inrushHardwareMs / 2,
    (record) => record.currentAmps > stallAmps,
  )
  const cut = bench.record('cut', stalled.hardwareMs, (record) => !record.supplied)
  return { detectableMs: Math.max(judgedFrom, stalled.hardwareMs), cutMs: cut.hardwareMs }
}

/** The power is gone at most 100 ms after the stall could be noticed; a firmware's own cut may come before. */
export async function assertCutInTime(bench: FaultBench, from: number): Promise<void> {
  await bench.pass(RELAY_OPENS_MS)
  const { detectableMs, cutMs } = cutAfterStall(bench, from)
  assert.ok(cutMs - detectableMs <= AT_MOST_MS, `${cutMs - detectableMs} hardware ms`)
}
