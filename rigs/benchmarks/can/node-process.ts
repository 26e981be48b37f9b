/** A node of ours under measurement: PLAN is JSON on the command line, results are JSON lines on standard output. */
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { CanBus, CanFrame, ReceivedCanFrame } from '../../../reference/ports/can-bus.js'
import { openCanBus } from '../../bench/can/open-can-bus.js'
import { createMemoryCan } from '../../simulated/memory-can/memory-can.js'
import { END_ID, type MeasurementPlan, type ReceiverFigures } from './measurement.js'

/** Sends under way together when there is no pace: what a caller gets who does not await each frame. */
const IN_FLIGHT = 256

const say = (what: unknown) => process.stdout.write(`${JSON.stringify(what)}\n`)
const nowNs = () => Number(process.hrtime.bigint())
const lines = createInterface(process.stdin)

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

class Reception {
  #received = 0
  #firstNs = 0
  #lastNs = 0
  readonly #latenciesNs: number[] = []

  constructor(private readonly stamped: boolean) {}

  readonly take = ({ data }: ReceivedCanFrame): void => {
    const now = nowNs()
    if (this.#received++ === 0) this.#firstNs = now
    this.#lastNs = now
    if (!this.stamped) return
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

function frameOf(plan: MeasurementPlan, frames: readonly CanFrame[], n: number): CanFrame {
  const frame = frames[n % frames.length] as CanFrame
  if (!plan.stamped) return frame
  const data = new Uint8Array(8)
  new DataView(data.buffer).setBigUint64(0, process.hrtime.bigint(), true)
  return { ...frame, data }
}

async function sendPlan(plan: MeasurementPlan, bus: CanBus): Promise<void> {
  const frames = plan.frames.map(({ id, extended, data }) => ({
    id,
    extended,
    data: new Uint8Array(Buffer.from(data, 'hex')),
  }))
  if (plan.framesPerSecond > 0) return sendPaced(plan, frames, bus)
  for (let at = 0; at < plan.count; at += IN_FLIGHT) {
    const sends: Promise<void>[] = []
    for (let n = at; n < Math.min(plan.count, at + IN_FLIGHT); n++)
      sends.push(bus.send(frameOf(plan, frames, n)))
    await Promise.all(sends)
  }
}

/** On every tick, what has come due since the last one. */
function sendPaced(plan: MeasurementPlan, frames: readonly CanFrame[], bus: CanBus): Promise<void> {
  const startedNs = nowNs()
  let n = 0
  const sends: Promise<void>[] = []
  return new Promise((resolve, reject) => {
    const timer = setInterval(() => {
      const due = Math.min(plan.count, Math.ceil(((nowNs() - startedNs) / 1e9) * plan.framesPerSecond))
      while (n < due) sends.push(bus.send(frameOf(plan, frames, n++)))
      if (n < plan.count) return
      clearInterval(timer)
      Promise.all(sends).then(() => resolve(), reject)
    }, 1)
  })
}

async function receive(plan: MeasurementPlan): Promise<void> {
  const bus = await openCanBus(plan.bus as string)
  const reception = new Reception(plan.stamped)
  let startedAt = cpuSeconds()
  await new Promise<void>((resolve) => {
    bus.onFrame((frame) => (frame.id === END_ID ? resolve() : reception.take(frame)))
    startedAt = cpuSeconds()
    say({ ready: true })
  })
  const lost = bus.lost.exact ? bus.lost.frames : null
  say({ ...reception.figures(), lost, cpuSeconds: cpuSeconds() - startedAt })
  await bus.close()
}

async function send(plan: MeasurementPlan): Promise<void> {
  const bus = await openCanBus(plan.bus as string)
  say({ ready: true })
  await once(lines, 'line')
  const startedAt = cpuSeconds()
  await sendPlan(plan, bus)
  say({ sent: plan.count, cpuSeconds: cpuSeconds() - startedAt })
  for await (const _ of lines) await bus.send({ id: END_ID, extended: false, data: new Uint8Array(0) })
  await bus.close()
}

/** A bus of this process without wall-clock pace, or at a bit rate. */
async function both(plan: MeasurementPlan): Promise<void> {
  const { bitrate } = plan.bus as { bitrate?: number }
  const can = createMemoryCan(bitrate === undefined ? { pace: 'virtual' } : { bitrate })
  const [sender, receiver] = [can.join('sender'), can.join('receiver')]
  const reception = new Reception(plan.stamped)
  receiver.onFrame(reception.take)
  say({ ready: true })
  await once(lines, 'line')
  const startedAt = cpuSeconds()
  await sendPlan(plan, sender)
  say({
    ...reception.figures(),
    sent: plan.count,
    lost: receiver.lost.frames,
    cpuSeconds: cpuSeconds() - startedAt,
  })
  await can.close()
}

const plan = JSON.parse(process.argv[2] ?? '') as MeasurementPlan
await { send, receive, both }[plan.role](plan)
lines.close()
lines.close()
lines.close()
lines.close()
lines.close()
lines.close()
lines.close()
lines.close()
lines.close()
