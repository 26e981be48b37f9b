import { connectAsync } from 'mqtt'
import type { BrokerAccess } from '../../../reference/ports/broker-access.js'
import type { Publication } from '../wires/broker-wire.js'

/** Its user name at the broker: it reads everything and writes nothing. */
export const OBSERVER = 'observer'
export const OBSERVED_TOPICS = ['locks/#', 'vehicles/#'] as const

const CONNECT_TIMEOUT_MS = 10_000

/**
 * Listens to a broker that is not ours, as one more client. It cannot tell who wrote a message: that none but its
 * owner writes to a topic is for the broker's access list. What the broker has kept is old, and not told.
 * @throws mqtt's own error when the broker does not let the observer in
 */
export async function observeBroker({ url, username, password, ca }: BrokerAccess): Promise<{
  onPublish(listener: (message: Publication) => void): () => void
  close(): Promise<void>
}> {
  const listeners = new Set<(message: Publication) => void>()
  const client = await connectAsync(
    url,
    // A session that outlives a connection: the evidence must lack nothing.
    {
      clientId: OBSERVER,
      clean: false,
      username,
      password,
      connectTimeout: CONNECT_TIMEOUT_MS,
      ...(ca !== undefined && { ca }),
    },
    false,
  )
  client.on('error', () => undefined)
  client.on('message', (topic, payload, { retain }) => {
    if (retain) return
    for (const listener of listeners) listener({ username: undefined, topic, payload })
  })
  await client.subscribeAsync([...OBSERVED_TOPICS], { qos: 1 })
  return {
    onPublish(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    close: () => client.endAsync(true),
  }
}
