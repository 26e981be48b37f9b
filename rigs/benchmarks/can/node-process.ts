/** A node of ours under measurement: PLAN is JSON on the command line, results are JSON lines on standard output. */
import { lineIterator } from '../../../reference/read-lines.js'
import type { ReceivedCanFrame } from '../../../reference/ports/can-bus.js'
import { openCanBus } from '../../bench/can/open-can-bus.js'
import { createMemoryCan } from '../../simulated/memory-can/memory-can.js'
import { END_ID, type MeasurementPlan, type ReceiverFigures } from './measurement.js'
import { cpuSeconds } from './process-cpu.js'
import { sendTraffic } from './traffic.js'

/** How long leaving the bus may take. */
const CLOSING_MS = 4_000

const say = (what: unknown) => process.stdout.write(`${JSON.stringify(what)}\n`)
const nowNs = () => Number(process.hrtime.bigint())
const lines = lineIterator(process.stdin)

class Reception {
  #received = 0
  #firstNs = 0
  #lastNs = 0
  readonly #latenciesNs: number[] = []

  constructor(private readonly plan: MeasurementPlan) {}

  readonly take = ({ data }: ReceivedCanFrame): void => {
    const now = nowNs()
    if (this.#received++ === 0) this.#firstNs = now
    this.#lastNs = now
    if (!this.plan.stamped || this.#received <= this.plan.warmUp) return
    const view = new DataView(data.buffer, data.byteOffset)
    this.#latenciesNs.push(now - Number(view.getBigUint64(0, true)))
  }

  figures(): Omit<ReceiverFigures, 'lost' | 'cpuSeconds'> {
    return {
      received: this.#received,
      seconds: (this.#lastNs - this.#firstNs) / 1e9,
      latenciesNs: this.#latenciesNs.sort((a, b) => a - b),
    }
  }
}

async function receive(plan: MeasurementPlan): Promise<void> {
  const bus = await openCanBus(plan.bus as string)
  const reception = new Reception(plan)
  let startedAt = 0
  await new Promise<void>((resolve, reject) => {
    bus.onFault(reject)
    bus.onFrame((frame) => (frame.id === END_ID ? resolve() : reception.take(frame)))
    startedAt = cpuSeconds()
    say({ ready: true })
  })
  const used = cpuSeconds() - startedAt
  say({ ...reception.figures(), lost: bus.lost.exact ? bus.lost.frames : null, cpuSeconds: used })
  await bus.close()
}

async function send(plan: MeasurementPlan): Promise<void> {
  const bus = await openCanBus(plan.bus as string)
  say({ ready: true })
  await lines.next()
  const startedAt = cpuSeconds()
  await sendTraffic(plan, bus)
  say({ sent: plan.count, cpuSeconds: cpuSeconds() - startedAt })
  for await (const _ of lines) await bus.send({ id: END_ID, extended: false, data: new Uint8Array(0) })
  await bus.close()
}

/** A bus of this process without wall-clock pace, or at a bit rate. */
async function both(plan: MeasurementPlan): Promise<void> {
  const { bitrate } = plan.bus as { bitrate?: number }
  const can = createMemoryCan(bitrate === undefined ? { pace: 'virtual' } : { bitrate })
  const [sender, receiver] = [can.join('sender'), can.join('receiver')]
  const reception = new Reception(plan)
  receiver.onFrame(reception.take)
  say({ ready: true })
  await lines.next()
  const startedAt = cpuSeconds()
  await sendTraffic(plan, sender)
  const used = cpuSeconds() - startedAt
  say({ ...reception.figures(), sent: plan.count, lost: receiver.lost.frames, cpuSeconds: used })
  await can.close()
}

// Whoever started it is done with it, or gone: an open bus must not keep it.
process.stdin.once('close', () => setTimeout(() => process.exit(), CLOSING_MS).unref())
const plan = JSON.parse(process.argv[2] ?? '') as MeasurementPlan
const roles = { send, receive, both }
await roles[plan.role](plan)
process.stdin.destroy()
