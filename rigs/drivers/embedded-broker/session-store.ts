import type { Aedes } from 'aedes'

/** Bytes that wait for one session, those sent but not acknowledged included: some 30,000 messages of locks. */
export const MOST_QUEUED_BYTES = 8 * 1024 * 1024
/** What a message costs beside its topic and payload, roughly. */
const MESSAGE_OVERHEAD_BYTES = 160
/** QoS 2 messages of one session whose PUBREL has not come. aedes ends a connection that holds back more. */
export const MOST_UNRELEASED = 1_000

interface Packet {
  readonly brokerId?: string
  readonly brokerCounter?: number
  readonly topic?: string
  readonly payload?: { readonly length: number }
  messageId?: number | undefined
}
interface Session {
  readonly id: string
}
interface Queued {
  packet: Packet
  readonly bytes: number
}
interface Queue {
  bytes: number
  readonly entries: Queued[]
}

/** The part of aedes's store that keeps messages of sessions; the broker calls it by these names. */
interface Persistence {
  outgoingEnqueue(sub: { readonly clientId: string }, packet: Packet): Promise<void>
  outgoingEnqueueCombi(subs: readonly { readonly clientId: string }[], packet: Packet): Promise<void>
  outgoingUpdate(client: Session, packet: Packet): Promise<void>
  outgoingClearMessageId(client: Session, packet: Packet): Promise<Packet | undefined>
  outgoingStream(client: Session): AsyncIterable<Packet>
  incomingStorePacket(client: Session, packet: Packet): Promise<void>
  incomingGetPacket(client: Session, packet: Packet): Promise<Packet>
  incomingDelPacket(client: Session, packet: Packet): Promise<void>
  cleanIncoming(client: Session): Promise<void>
}

/**
 * Bounds what the broker keeps for one session: aedes's own store keeps every queued message, and of a QoS 2 message
 * that waits for PUBREL the whole payload (65,535 of 64 KB), though it reads no more than its identifier.
 * @param onFull called for each message that is left out, with the session's client id
 */
export function boundSessionStore(aedes: Aedes, onFull: (clientId: string) => void): void {
  const { persistence } = aedes as unknown as { persistence: Persistence }
  Object.assign(persistence, outgoingOf(onFull), incoming())
}

function outgoingOf(onFull: (clientId: string) => void) {
  const queues = new Map<string, Queue>()
  const enqueue = (clientId: string, packet: Packet) => {
    const bytes = (packet.topic?.length ?? 0) + (packet.payload?.length ?? 0) + MESSAGE_OVERHEAD_BYTES
    const queue = queues.get(clientId) ?? { bytes: 0, entries: [] }
    if (queue.bytes + bytes > MOST_QUEUED_BYTES) return onFull(clientId)
    queue.bytes += bytes
    queue.entries.push({ packet: { ...packet, messageId: undefined }, bytes })
    queues.set(clientId, queue)
  }
  return {
    async outgoingEnqueue({ clientId }, packet) {
      enqueue(clientId, packet)
    },
    async outgoingEnqueueCombi(subs, packet) {
      for (const { clientId } of subs) enqueue(clientId, packet)
    },
    async outgoingUpdate({ id }, packet) {
      for (const entry of queues.get(id)?.entries ?? []) {
        const { brokerId, brokerCounter, messageId } = entry.packet
        if (brokerId !== undefined && brokerId === packet.brokerId) {
          if (brokerCounter !== packet.brokerCounter) continue
          entry.packet.messageId = packet.messageId
          return
        }
        // A PUBREL, which takes the place of its message.
        if (messageId !== packet.messageId) continue
        entry.packet = packet
        return
      }
      throw new Error('no such packet')
    },
    async outgoingClearMessageId({ id }, { messageId }) {
      const queue = queues.get(id)
      const at = queue?.entries.findIndex(({ packet }) => packet.messageId === messageId) ?? -1
      if (!queue || at < 0) return undefined
      const [entry] = queue.entries.splice(at, 1)
      queue.bytes -= entry?.bytes ?? 0
      if (queue.entries.length === 0) queues.delete(id)
      return entry?.packet
    },
    outgoingStream({ id }) {
      const packets = (queues.get(id)?.entries ?? []).map(({ packet }) => packet)
      return (async function* () {
        yield* packets
      })()
    },
  } satisfies Partial<Persistence>
}

function incoming() {
  const unreleased = new Map<string, Set<number | undefined>>()
  return {
    async incomingStorePacket({ id }, { messageId }) {
      const ids = unreleased.get(id) ?? new Set()
      // Left by earlier connections of the session: without this a client that forgot them would be refused for good.
      for (const oldest of ids) {
        if (ids.size < MOST_UNRELEASED) break
        ids.delete(oldest)
      }
      ids.add(messageId)
      unreleased.set(id, ids)
    },
    async incomingGetPacket({ id }, { messageId }) {
      if (!unreleased.get(id)?.has(messageId)) throw new Error('no such packet')
      return { messageId }
    },
    async incomingDelPacket({ id }, { messageId }) {
      const ids = unreleased.get(id)
      if (!ids?.delete(messageId)) throw new Error('no such packet')
      if (ids.size === 0) unreleased.delete(id)
    },
    async cleanIncoming({ id }) {
      unreleased.delete(id)
    },
  } satisfies Partial<Persistence>
}
