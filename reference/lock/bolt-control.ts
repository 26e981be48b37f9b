import { batteryState, type BatteryState } from '../domain/battery.js'
import { boltPosition, type Bolt, type BoltRefusal, type SafeCause } from '../domain/bolt.js'
import {
  lockAtStart,
  lockStands,
  stepLock,
  type LockInput,
  type LockMachine,
  type MachineThresholds,
} from '../domain/lock-machine.js'
import {
  HardwareGone,
  type BoltTarget,
  type HardwareLoss,
  type HardwareSample,
  type LockHardware,
} from '../ports/lock-hardware.js'

/** How an order to the bolt ended. */
export type Ending = 'done' | 'superseded' | BoltRefusal

interface Waiter {
  readonly isDue: (machine: LockMachine, sample: HardwareSample) => boolean
  readonly resolve: () => void
}

export interface BoltControlOptions {
  readonly thresholds: MachineThresholds
  /** The lock was made safe before its restart, and stays so. */
  readonly latched?: SafeCause | undefined
  readonly onChange: (before: LockMachine, after: LockMachine) => void
  readonly onLost: (loss: HardwareLoss) => void
}

/** The lock's machine, wired to the hardware. */
export class BoltControl {
  #machine: LockMachine
  #waiters: Waiter[] = []
  readonly #stop: (() => void)[]

  constructor(
    private readonly hardware: LockHardware,
    private readonly options: BoltControlOptions,
  ) {
    this.#machine = lockAtStart(options.latched)
    this.#stop = [
      hardware.onSample((sample) => this.#feed({ kind: 'sample', sample })),
      hardware.onLost((loss) => this.#lose(loss)),
    ]
    this.#feed({ kind: 'sample', sample: hardware.sample })
  }

  get machine(): LockMachine {
    return this.#machine
  }

  get bolt(): Bolt {
    return this.#machine.bolt
  }

  get battery(): BatteryState {
    return batteryState(this.#machine.battery)
  }

  get position() {
    return boltPosition(this.bolt)
  }

  /** Sets the bolt going at once; the promise ends when it stands. */
  moveTo(target: BoltTarget): Promise<Ending> {
    const refused = this.#feed({ kind: 'command', command: target })
    return refused ? Promise.resolve(refused) : this.#ending(target)
  }

  /** Takes the power away until `rearm`. */
  makeSafe(): Ending {
    return this.#feed({ kind: 'command', command: 'safe' }) ?? 'done'
  }

  /** Ends `safe`, and every fault that waits for somebody who has looked; the promise ends when the bolt stands. */
  async rearm(): Promise<Ending> {
    const refused = this.#feed({ kind: 'command', command: 'rearm' })
    if (refused) return refused
    await this.standing()
    return this.bolt.fault || this.bolt.state === 'link-lost' ? 'fault' : 'done'
  }

  /** Resolves when the bolt is on its way nowhere. */
  standing(): Promise<void> {
    return this.until((machine) => lockStands(machine))
  }

  /** Resolves after so many milliseconds of hardware time; at once when the hardware is gone. */
  afterHardwareMs(hardwareMs: number): Promise<void> {
    const from = this.hardware.sample.hardwareMs
    return this.until((_machine, sample) => sample.hardwareMs - from >= hardwareMs)
  }

  /** Lets go of the hardware, with the drive off. */
  close(): void {
    for (const stop of this.#stop) stop()
    if (this.bolt.drive) this.#act('release')
    this.#giveUp()
    this.#wake()
  }

  async #ending(target: BoltTarget): Promise<Ending> {
    await this.standing()
    const { state, fault, seen } = this.bolt
    if (state === target) return 'done'
    if (state === 'safe') return 'safe'
    if (fault || state === 'link-lost') return 'fault'
    if (target === 'up' && this.battery === 'critical') return 'battery-critical'
    return target === 'up' && seen.sample?.vehiclePresent ? 'vehicle-present' : 'superseded'
  }

  #lose(loss: HardwareLoss): void {
    this.#feed({ kind: 'lost' })
    this.options.onLost(loss)
  }

  #feed(input: LockInput): BoltRefusal | undefined {
    const before = this.#machine
    const { lock, act, refused } = stepLock(before, input, this.options.thresholds)
    this.#machine = lock
    if (act) this.#act(act)
    this.options.onChange(before, this.#machine)
    this.#wake()
    return refused
  }

  #act(act: 'raise' | 'lower' | 'release'): void {
    try {
      if (act === 'release') this.hardware.release()
      else {
        // The machine has taken the board's own cut-off into account: what it drives now, it means.
        if (this.hardware.sample.cutOff) this.hardware.rearm?.()
        this.hardware.drive(act === 'raise' ? 'up' : 'down')
      }
    } catch (error) {
      if (!(error instanceof HardwareGone)) throw error
      this.#giveUp()
      if (error.loss !== 'closed') this.options.onLost(error.loss)
    }
  }

  #giveUp(): void {
    this.#machine = stepLock(this.#machine, { kind: 'lost' }, this.options.thresholds).lock
  }

  /** Resolves with the first sample on which `isDue`, or when the hardware is gone. */
  until(isDue: Waiter['isDue']): Promise<void> {
    return new Promise((resolve) => {
      this.#waiters.push({ isDue, resolve })
      this.#wake()
    })
  }

  #wake(): void {
    const gone = this.bolt.state === 'link-lost'
    const due = this.#waiters.filter(({ isDue }) => gone || isDue(this.#machine, this.hardware.sample))
    this.#waiters = this.#waiters.filter((waiter) => !due.includes(waiter))
    for (const { resolve } of due) resolve()
  }
}
