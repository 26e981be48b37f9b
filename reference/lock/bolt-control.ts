import {
  BOLT_AT_START,
  boltPosition,
  boltStands,
  stepBolt,
  type Bolt,
  type BoltInput,
  type BoltLimits,
} from '../domain/bolt.js'
import type { CommandRefusal } from '../contracts/lock-link.js'
import {
  HardwareGone,
  type BoltTarget,
  type HardwareLoss,
  type HardwareSample,
  type LockHardware,
} from '../ports/lock-hardware.js'

/** How an order to the bolt ended. */
export type Ending = 'done' | Extract<CommandRefusal, 'vehicle-present' | 'fault' | 'superseded'>

interface Waiter {
  readonly isDue: (bolt: Bolt, sample: HardwareSample) => boolean
  readonly resolve: () => void
}

/** The bolt's state machine, wired to the hardware. */
export class BoltControl {
  #bolt: Bolt = BOLT_AT_START
  #waiters: Waiter[] = []
  readonly #stop: (() => void)[]

  constructor(
    private readonly hardware: LockHardware,
    private readonly limits: BoltLimits,
    private readonly onChange: (before: Bolt, after: Bolt) => void,
    private readonly onLost: (loss: HardwareLoss) => void,
  ) {
    this.#stop = [
      hardware.onSample((sample) => this.#feed({ kind: 'sample', sample })),
      hardware.onLost((loss) => this.#lose(loss)),
    ]
    this.#feed({ kind: 'sample', sample: hardware.sample })
  }

  get bolt(): Bolt {
    return this.#bolt
  }

  get position() {
    return boltPosition(this.#bolt)
  }

  /** Sets the bolt going at once; the promise ends when it stands. */
  moveTo(target: BoltTarget): Promise<Ending> {
    const refused = this.#feed({ kind: 'command', target })
    return refused ? Promise.resolve(refused) : this.#ending(target)
  }

  /** Resolves when the bolt is on its way nowhere. */
  standing(): Promise<void> {
    return this.until((bolt) => boltStands(bolt))
  }

  /** Resolves after so many milliseconds of hardware time; at once when the hardware is gone. */
  afterHardwareMs(hardwareMs: number): Promise<void> {
    const from = this.hardware.sample.hardwareMs
    return this.until((_bolt, sample) => sample.hardwareMs - from >= hardwareMs)
  }

  /** Lets go of the hardware, with the drive off. */
  close(): void {
    for (const stop of this.#stop) stop()
    if (this.#bolt.drive) this.#act('release')
    this.#bolt = { ...this.#bolt, state: 'unknown', drive: undefined }
    this.#wake()
  }

  async #ending(target: BoltTarget): Promise<Ending> {
    await this.standing()
    const { state, fault, sample } = this.#bolt
    if (state === target) return 'done'
    if (fault || state === 'unknown') return 'fault'
    return target === 'up' && sample?.vehiclePresent ? 'vehicle-present' : 'superseded'
  }

  #lose(loss: HardwareLoss): void {
    this.#feed({ kind: 'lost' })
    this.onLost(loss)
  }

  #feed(input: BoltInput): 'vehicle-present' | 'fault' | undefined {
    const before = this.#bolt
    const { bolt, act, refused } = stepBolt(before, input, this.limits)
    this.#bolt = bolt
    if (act) this.#act(act)
    this.onChange(before, this.#bolt)
    this.#wake()
    return refused
  }

  #act(act: 'raise' | 'lower' | 'release'): void {
    try {
      if (act === 'release') this.hardware.release()
      else this.hardware.drive(act === 'raise' ? 'up' : 'down')
    } catch (error) {
      if (!(error instanceof HardwareGone)) throw error
      this.#bolt = { ...this.#bolt, state: 'unknown', drive: undefined }
      if (error.loss !== 'closed') this.onLost(error.loss)
    }
  }

  /** Resolves with the first sample on which `isDue`, or when the hardware is gone. */
  until(isDue: Waiter['isDue']): Promise<void> {
    return new Promise((resolve) => {
      this.#waiters.push({ isDue, resolve })
      this.#wake()
    })
  }

  #wake(): void {
    const gone = this.#bolt.state === 'unknown'
    const due = this.#waiters.filter(({ isDue }) => gone || isDue(this.#bolt, this.hardware.sample))
    this.#waiters = this.#waiters.filter((waiter) => !due.includes(waiter))
    for (const { resolve } of due) resolve()
  }
}
