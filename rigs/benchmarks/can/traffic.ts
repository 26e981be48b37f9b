import { setImmediate as nextTurn } from 'node:timers/promises'
import type { CanBus, CanFrame } from '../../../reference/ports/can-bus.js'
import type { MeasurementPlan } from './measurement.js'

/** Sends under way together when there is no pace: what a caller gets who does not await each frame. */
const IN_FLIGHT = 256

type Traffic = Pick<MeasurementPlan, 'frames' | 'count' | 'framesPerSecond' | 'stamped'>

function framesOf({ frames, stamped }: Traffic): (n: number) => CanFrame {
  const planned = frames.map(({ id, extended, data }) => ({
    id,
    extended,
    data: new Uint8Array(Buffer.from(data, 'hex')),
  }))
  const plain = (n: number) => planned[n % planned.length] as CanFrame
  if (!stamped) return plain
  return (n) => {
    const data = new Uint8Array(8)
    new DataView(data.buffer).setBigUint64(0, process.hrtime.bigint(), true)
    return { ...plain(n), data }
  }
}

/** Frames that were given to `send` and have not left yet; keeps no promise, however many there are. */
class Underway {
  #frames = 0
  #failure: Error | undefined
  #moved = () => {}

  constructor(private readonly bus: CanBus) {}

  get frames(): number {
    return this.#frames
  }

  readonly #left = () => {
    this.#frames--
    this.#moved()
  }

  readonly #failed = (error: Error) => {
    this.#failure ??= error
    this.#left()
  }

  send(frame: CanFrame): void {
    this.#frames++
    this.bus.send(frame).then(this.#left, this.#failed)
  }

  /** Resolves once at most so many have not left; rejects when one could not. */
  async until(frames: number): Promise<void> {
    if (this.#frames > frames) {
      await new Promise<void>((resolve) => {
        this.#moved = () => {
          if (this.#frames <= frames) resolve()
        }
      })
      this.#moved = () => {}
    }
    if (this.#failure) throw this.#failure
  }
}

/** As fast as the bus takes them, always with some under way. */
async function sendFlood(plan: Traffic, bus: CanBus): Promise<void> {
  const frame = framesOf(plan)
  const underway = new Underway(bus)
  for (let n = 0; n < plan.count; n++) {
    if (n % (IN_FLIGHT / 2) === 0) await underway.until(IN_FLIGHT / 2)
    underway.send(frame(n))
  }
  await underway.until(0)
}

/**
 * Timers of Node tick in whole milliseconds, hence at each tick everything that has come due. Stamped frames that came
 * due together go out a turn apart, so that none waits for the sending of the other.
 */
async function sendPaced(plan: Traffic, bus: CanBus): Promise<void> {
  const frame = framesOf(plan)
  const underway = new Underway(bus)
  const startedAt = performance.now()
  let n = 0
  while (n < plan.count) {
    const due = Math.ceil(((performance.now() - startedAt) / 1_000) * plan.framesPerSecond)
    while (n < Math.min(plan.count, due)) {
      // A bus that falls a second behind is waited for: the figures tell what it carried.
      if (underway.frames >= plan.framesPerSecond) await underway.until(plan.framesPerSecond - 1)
      underway.send(frame(n++))
      if (plan.stamped && n < Math.min(plan.count, due)) await nextTurn()
    }
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  await underway.until(0)
}

/** Sends what is planned over the bus. @throws whatever a send throws */
export const sendTraffic = (plan: Traffic, bus: CanBus): Promise<void> =>
  plan.framesPerSecond > 0 ? sendPaced(plan, bus) : sendFlood(plan, bus)
