import { connectAsync } from 'mqtt'
import type { LinkFaults } from './link-faults.js'

interface Side {
  readonly url: string
  readonly username: string
  readonly password: string
}

/** Topics that go down, from services to devices; their answers go up. */
const DOWN = ['locks/+/commands', 'vehicles/+/commands']
const UP = ['locks/+/events', 'locks/+/status', 'vehicles/+/events']

/**
 * Two brokers, and between them a link on which messages are lost, late, doubled and overtaken, though each broker has
 * acknowledged them: worse than MQTT itself may be.
 */
export async function openFaultyBridge(
  services: Side,
  devices: Side,
  faultsOf: (topic: string) => LinkFaults,
  onMessage: () => void,
): Promise<{ heal(): Promise<void>; close(): Promise<void> }> {
  const connect = ({ url, ...credential }: Side) => connectAsync(url, { ...credential, reconnectPeriod: 0 })
  const [above, below] = [await connect(services), await connect(devices)]
  /** What a broker would keep of a lock, however bad the link was. */
  const kept = new Map<string, Buffer>()
  const underWay = new Set<Promise<void>>()
  const carry = (to: typeof above, topic: string, payload: Buffer) => {
    const retain = topic.endsWith('/status')
    if (retain) kept.set(topic, payload)
    onMessage()
    const carried: Promise<void> = faultsOf(topic)
      .carry(() => to.publishAsync(topic, payload, { qos: 1, retain }))
      .then(
        () => void underWay.delete(carried),
        () => void underWay.delete(carried),
      )
    underWay.add(carried)
  }
  above.on('message', (topic, payload) => carry(below, topic, payload))
  below.on('message', (topic, payload) => carry(above, topic, payload))
  await above.subscribeAsync(DOWN, { qos: 1 })
  await below.subscribeAsync(UP, { qos: 1 })
  return {
    async heal() {
      // What is late may not come after what a broker would have kept: of one topic MQTT keeps the order.
      while (underWay.size > 0) await Promise.all(underWay)
      for (const [topic, payload] of kept) await above.publishAsync(topic, payload, { qos: 1, retain: true })
    },
    async close() {
      await above.endAsync(true)
      await below.endAsync(true)
    },
  }
}
