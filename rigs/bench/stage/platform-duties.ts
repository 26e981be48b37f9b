import type { LockCommand, LockEvent } from '../../../reference/contracts/lock-link.js'
import type { PlatformEvent, Reservation } from '../../../reference/contracts/platform-api.js'
import type { BayId } from '../../../reference/domain/identifiers.js'
import type { WireMessage } from '../wires/wire-log.js'
import type { Stage } from './stage.js'

/** What a cloud hears of a reservation that ends well, in its order. */
export const STAY: readonly PlatformEvent['type'][] = [
  'reservation-accepted',
  'code-issued',
  'bay-unlocked',
  'bay-occupied',
  'bay-left',
  'reservation-completed',
]

/** What was not taken comes again within 10 s, says the contract; twice that, and what the parties need, wall milliseconds. */
const REPEATED_MS = 30_000

/** A cloud's reservation of a bay, at its own coordinates; its code is at the lock and at the cloud. */
export async function reserveAt(
  stage: Stage,
  bay: BayId,
): Promise<{ readonly key: string; readonly reservation: Reservation }> {
  const key = stage.newId()
  const reservation = await stage.cloudDesk.reserve(stage.request(bay), key)
  const { reservationId } = reservation
  await stage.lockSays<LockEvent['type']>(
    bay,
    'code-stored',
    (event) => event.type === 'code-stored' && event.reservationId === reservationId,
  )
  await seenTimes(stage, 'the news of the code', 1, ({ wire, from, body }) => {
    const news = body as Partial<PlatformEvent> | undefined
    return (
      wire === 'webhook' &&
      from === 'platform' &&
      news?.type === 'code-issued' &&
      news.reservationId === reservationId
    )
  })
  return { key, reservation }
}

/** The first `count` messages that match, those still to come included. @throws WireSilent */
export async function seenTimes(
  stage: Stage,
  what: string,
  count: number,
  matches: (message: WireMessage) => boolean,
): Promise<WireMessage[]> {
  await stage.wires.seen(what, () => stage.wires.all(matches).length >= count, REPEATED_MS)
  return stage.wires.all(matches).slice(0, count)
}

/** What the platform has sent the cloud, the same news once, in the order in which each came first. */
export function newsOf(stage: Stage, reservationId?: string): PlatformEvent[] {
  const sent = stage.wires
    .all(({ wire, from, body }) => wire === 'webhook' && from === 'platform' && body !== undefined)
    .map(({ body }) => body as PlatformEvent)
  const first = new Map(sent.map((news) => [news.eventId, news] as const).reverse())
  return sent.filter(
    (news) =>
      first.get(news.eventId) === news &&
      (reservationId === undefined || news.reservationId === reservationId),
  )
}

/** What the platform has sent the lock of a bay, repetitions included. */
export function lockCommands(stage: Stage, bay: BayId, type?: LockCommand['type']): LockCommand[] {
  const topic = `locks/${stage.bay(bay).lockId}/commands`
  return stage.wires
    .all(
      ({ wire, from, name, body }) =>
        wire === 'lock' &&
        from === 'platform' &&
        (type === undefined || name === type) &&
        (body as { topic: string }).topic === topic,
    )
    .map(({ body }) => body as LockCommand)
}

/** The lock of a bay says that its bolt went down, a car came and left; each event comes twice. */
export async function playStay(stage: Stage, bay: BayId, reservationId: string): Promise<void> {
  const { lockId } = stage.bay(bay)
  const at = new Date(stage.clock.now()).toISOString()
  const events = [
    { type: 'code-scanned', verdict: 'fresh', symbology: 'qr' },
    { type: 'bolt-changed', bolt: 'moving' },
    { type: 'bolt-changed', bolt: 'down' },
    { type: 'occupancy-changed', occupied: true },
    { type: 'occupancy-changed', occupied: false },
  ]
  for (const event of events) {
    const message = { id: stage.newId(), at, reservationId, ...event }
    for (let times = 0; times < 2; times++) {
      await stage.partyWires.speakAs(lockId, `locks/${lockId}/events`, message)
    }
  }
}

/** ISO/IEC 7064 MOD 97-10 over the digits of a code (unlock-code.md); by the standard, not by the product's own. */
export function isWholeCode(code: string): boolean {
  return /^1\d{23}$/.test(code) && BigInt(code) % 97n === 1n
}
