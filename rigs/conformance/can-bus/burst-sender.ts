/** The process that sends the burst for a stalled consumer: `node burst-sender.js MODULE ADDRESS`. */
import type { CanBus } from '../../../reference/ports/can-bus.js'
import { BURST_ID, FENCE_ID, type BurstModule } from './stalled-consumer.js'

/** Sends that are under way together: the bus paces the sender, not the turns of its event loop. */
const IN_FLIGHT = 256

async function sendBurst(bus: CanBus, count: number): Promise<void> {
  for (let at = 0; at < count; at += IN_FLIGHT) {
    const numbers = Array.from({ length: Math.min(IN_FLIGHT, count - at) }, (_, i) => at + i)
    await Promise.all(
      numbers.map((n) =>
        bus.send({ id: BURST_ID, extended: false, data: Uint8Array.of(n & 0xff, (n >> 8) & 0xff, n >> 16) }),
      ),
    )
  }
}

const [module = '', address = ''] = process.argv.slice(2)
const { openBurstNode } = (await import(module)) as BurstModule
const bus = await openBurstNode(address)
const say = (what: string) => process.send?.(what)
process.on('message', (ask: { send?: number; fence?: number }) => {
  const done =
    ask.fence === undefined
      ? sendBurst(bus, ask.send ?? 0)
      : bus.send({ id: FENCE_ID, extended: false, data: Uint8Array.of(ask.fence) })
  void done.then(() => say('sent'))
})
process.on('disconnect', () => void bus.close().then(() => process.exit()))
say('ready')
