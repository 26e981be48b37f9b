import assert from 'node:assert/strict'
import { batteryState } from '../../../reference/domain/battery.js'
import {
  DEFAULT_BATTERY_THRESHOLDS,
  DEFAULT_BOLT_THRESHOLDS,
} from '../../../reference/domain/lock-thresholds.js'
import { BoltControl, type Ending } from '../../../reference/lock/bolt-control.js'
import { Health } from '../../../reference/lock/health.js'
import type { HardwareLoss } from '../../../reference/ports/lock-hardware.js'
import type { PlantTrace } from '../../simulated/lock-plant/lock-plant.js'
import type { FaultRig } from './fault-rig.js'

const LOOK_MS = 10

/** A state that has not come in so long does not come, hardware ms: longer than the longest travel and its retreat. */
const PATIENCE_MS = 8_000

/** The lock's machine on a rig with faults, and what it has said. */
export class FaultBench {
  readonly told: string[] = []
  loss: HardwareLoss | undefined
  readonly control: BoltControl
  readonly #health = new Health(({ fault, detail }) => this.told.push(detail ? `${fault}: ${detail}` : fault))

  constructor(readonly rig: FaultRig) {
    this.control = new BoltControl(rig.hardware, {
      thresholds: { bolt: DEFAULT_BOLT_THRESHOLDS, battery: DEFAULT_BATTERY_THRESHOLDS },
      onChange: (_before, after) => this.#health.watch(after),
      onLost: (loss) => {
        this.loss = loss
        this.#health.lost(loss)
      },
    })
  }

  get state() {
    return this.control.bolt.state
  }

  get battery() {
    return batteryState(this.control.machine.battery)
  }

  /** Lets hardware time pass until `isSo`. @returns the plant's time then, hardware ms */
  async until(what: string, isSo: () => boolean, patienceMs = PATIENCE_MS): Promise<number> {
    const from = this.rig.nowMs()
    while (!isSo()) {
      if (this.rig.nowMs() - from > patienceMs) {
        const { degrees, currentAmps, supplied } = this.rig.observe()
        const plant = JSON.stringify({ degrees, currentAmps, supplied })
        assert.fail(
          `${what} has not come in ${patienceMs} hardware ms: ${this.state}, ${this.told.join()}, ${plant}`,
        )
      }
      await this.rig.pass(LOOK_MS)
    }
    return this.rig.nowMs()
  }

  untilState(state: string): Promise<number> {
    return this.until(state, () => this.state === state)
  }

  pass(hardwareMs: number): Promise<void> {
    return this.rig.pass(hardwareMs)
  }

  /** Orders the bolt to a limit, and lets time pass until the order has ended. */
  async order(target: 'up' | 'down'): Promise<Ending> {
    let ending: Ending | undefined
    void this.control.moveTo(target).then((ended) => (ending = ended))
    await this.until(`the end of ${target}`, () => ending !== undefined, 15_000)
    return ending ?? 'fault'
  }

  /** The first record of the plant from a time on that shows it. */
  record(what: string, from: number, isSeen: (record: PlantTrace) => boolean): PlantTrace {
    const record = this.rig.trace.find((seen) => seen.hardwareMs >= from && isSeen(seen))
    assert.ok(record, `the plant's trace has no ${what} since ${from} ms`)
    return record
  }

  /** Asserts that the supply is off, and that the bolt has not moved, for a while. */
  async staysPutWithoutSupply(): Promise<void> {
    // A bolt that was on its way coasts for some milliseconds.
    await this.pass(50)
    const { degrees } = this.rig.observe()
    const from = this.rig.nowMs()
    await this.pass(500)
    assert.equal(this.rig.observe().degrees, degrees)
    assert.ok(!this.rig.trace.some(({ hardwareMs, supplied }) => hardwareMs > from && supplied))
  }

  /** The next case's start: nothing wrong, the bolt found and up. */
  async toBaseline(): Promise<void> {
    this.rig.mend()
    // A charged battery, and a housing that is closed, must have been seen.
    await this.pass(1_200)
    let isDone = false
    void this.control.rearm().then(() => (isDone = true))
    await this.until('a baseline', () => isDone && ['up', 'down', 'jammed'].includes(this.state))
    assert.equal(await this.order('up'), 'done')
    await this.pass(200)
    this.told.length = 0
  }

  close(): void {
    this.control.close()
  }
}
