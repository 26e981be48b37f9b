import { randomUUID } from 'node:crypto'
import type { LockEvent } from '../../../reference/contracts/lock-link.js'
import type { Position } from '../../../reference/contracts/platform-api.js'
import { startLock } from '../../../reference/lock/start-lock.js'
import type { BrokerAccess } from '../../../reference/ports/broker-access.js'
import type { Clock } from '../../../reference/ports/clock.js'
import type { Frame } from '../../../reference/ports/camera.js'
import { openLibsqlStore } from '../../drivers/libsql/libsql-store.js'
import { systemClock } from '../../drivers/system-clock/system-clock.js'
import { SimulatedLockHardware } from '../../simulated/lock-plant/simulated-lock-hardware.js'
import { Inbox } from '../inbox.js'
import { watchedLockStore } from './watched-store.js'

const FRAME: Frame = { width: 1, height: 1, grey: new Uint8Array(1), capturedAt: 0 }
/** Hardware milliseconds at each tick of 10 ms: the plant runs faster than a real one, so that many journeys fit. */
const PASS_MS = 40
/** More than a lock needs to believe that a code has been taken away. */
const LOOKS_BETWEEN = 20

/** The reference lock controller on a simulated body, before whose scanner a test holds texts. */
export class ClusterLock {
  /** What the lock has said since the journey began. */
  events: Inbox<LockEvent>
  /** How often the bolt has gone down for a code. */
  openings = 0
  #inSight: string | undefined
  #looksWithout = 0
  #cleared: (() => void)[] = []

  private constructor(
    readonly bayId: string,
    readonly lockId: string,
    private readonly hardware: SimulatedLockHardware,
    private readonly ends: (() => unknown)[],
  ) {
    this.events = new Inbox(`what lock ${lockId} said`)
  }

  static async open(
    bayId: string,
    lockId: string,
    presetLocation: Position,
    broker: BrokerAccess,
    onEvent: (event: LockEvent) => void,
    clock: Clock = systemClock,
  ): Promise<ClusterLock> {
    const ends: (() => unknown)[] = []
    const hardware = new SimulatedLockHardware({ bolt: 'up', ticks: false })
    const lock = new ClusterLock(bayId, lockId, hardware, ends)
    const inner = await openLibsqlStore('libsql::memory:')
    const store = watchedLockStore(inner, (event) => {
      if (event.type === 'bolt-changed' && event.bolt === 'down' && event.reservationId) lock.openings++
      lock.events.push(event)
      onEvent(event)
    })
    const frames = new Set<(frame: Frame) => void>()
    const ticking = setInterval(() => {
      hardware.pass(PASS_MS)
      lock.#look()
      for (const listener of frames) listener(FRAME)
    }, 10)
    const running = await startLock(
      { lockId, bayId, presetLocation, broker },
      {
        hardware,
        store,
        scanner: {
          camera: {
            onFrame: (listener) => {
              frames.add(listener)
              return () => frames.delete(listener)
            },
            onLost: () => () => undefined,
            close: async () => undefined,
          },
          decoder: {
            decode: async () =>
              lock.#inSight === undefined
                ? []
                : [{ text: lock.#inSight, symbology: 'qr', corners: [], by: 'test' }],
            close: async () => undefined,
          },
        },
        clock,
        newId: randomUUID,
        log: { record: () => undefined },
      },
    )
    ends.push(
      () => clearInterval(ticking),
      () => running.close(),
      () => hardware.close(),
      () => inner.close(),
    )
    return lock
  }

  /** A journey begins: what was said before is no answer to it. */
  begin(): void {
    this.events = new Inbox(`what lock ${this.lockId} said`)
  }

  /** Holds a code before the scanner until the lock has judged it. */
  async isShown(code: string): Promise<string> {
    // A code that stays in sight is one presentation.
    if (this.#looksWithout < LOOKS_BETWEEN) await new Promise<void>((resolve) => this.#cleared.push(resolve))
    const verdict = this.events.next((event) => event.type === 'code-scanned')
    this.#inSight = code
    const judged = (await verdict) as Extract<LockEvent, { type: 'code-scanned' }>
    this.#inSight = undefined
    return judged.verdict
  }

  boltIs(bolt: 'up' | 'down') {
    return this.events.next((event) => event.type === 'bolt-changed' && event.bolt === bolt)
  }

  #look(): void {
    this.#looksWithout = this.#inSight === undefined ? this.#looksWithout + 1 : 0
    if (this.#looksWithout >= LOOKS_BETWEEN) for (const cleared of this.#cleared.splice(0)) cleared()
  }

  says(type: LockEvent['type']) {
    return this.events.next((event) => event.type === type)
  }

  /** @returns whether the lock has got a code before the deadline, wall milliseconds, since the journey began */
  async hasCode(deadlineMs: number): Promise<boolean> {
    if (this.events.all.some(({ type }) => type === 'code-stored')) return true
    return this.events
      .next(({ type }) => type === 'code-stored', deadlineMs)
      .then(
        () => true,
        () => false,
      )
  }

  setVehicle(present: boolean): void {
    this.hardware.plant.setVehiclePresent(present)
  }

  async close(): Promise<void> {
    for (const end of this.ends) await end()
  }
}
