import { compareCoordinates } from '../domain/comparator.js'
import { wgs84 } from '../domain/coordinates.js'
import type { LockCommand } from '../contracts/lock-link.js'
import { CodeBook } from './code-book.js'
import type { Carried } from './command-desk.js'
import { isInUse, type LockCore } from './lock-core.js'
import type { HeldReservation, LockRecords } from './lock-records.js'

type Command<Type extends LockCommand['type']> = Extract<LockCommand, { readonly type: Type }>

/** A reservation that stands in nobody's way any more. */
function isOver(held: HeldReservation, now: number): boolean {
  return held.state === 'left' || (!isInUse(held) && !(now < held.holdUntil))
}

/** REQ-12: the comparator judges the reserved coordinates; only after its yes is a code asked for (REQ-13). */
export async function reserve(
  core: LockCore,
  command: Command<'reserve'>,
  records: LockRecords,
): Promise<Carried> {
  const { reservationId, reportedFix, correlationId } = command
  const held = await records.reservation()
  if (held && held.id !== reservationId && !isOver(held, core.now)) {
    const reason = 'another-reservation'
    await core.post(records, { type: 'reservation-refused', reservationId, reason }, correlationId)
    return reason
  }
  const reading = core.memory.comparatorReading
  const comparison = compareCoordinates(
    wgs84(command.location.latitude, command.location.longitude),
    {
      preset: core.memory.preset,
      reported: reportedFix && {
        point: wgs84(reportedFix.location.latitude, reportedFix.location.longitude),
        ageSeconds: reportedFix.ageSeconds,
        hdop: reportedFix.hdop,
      },
    },
    { ...core.parts.config.comparator, reading },
  )
  if (!comparison.same) {
    const { refused: reason } = comparison
    const distance = 'distanceMetres' in comparison ? { distanceMetres: comparison.distanceMetres } : {}
    await core.post(
      records,
      { type: 'reservation-refused', reservationId, reason, ...distance },
      correlationId,
    )
    return 'done'
  }
  const again = held?.id === reservationId
  if (held && !again) await new CodeBook(records).expire(held.id)
  const holdUntil = Date.parse(command.holdUntil)
  const state = again && held.state !== 'left' ? held.state : 'accepted'
  await records.hold({
    id: reservationId,
    state,
    holdUntil,
    correlationId: correlationId ?? held?.correlationId,
  })
  await core.post(
    records,
    {
      type: 'reservation-accepted',
      reservationId,
      comparatorReading: reading,
      distanceMetres: comparison.distanceMetres,
    },
    correlationId,
  )
  if (state === 'accepted' || state === 'coded') {
    await core.post(records, { type: 'unlock-code-requested', reservationId }, correlationId)
  }
  return 'done'
}

/** The code, or the key of a rotating one, that the platform issued for this lock's reservation. */
export async function storeCode(
  core: LockCore,
  command: Command<'unlock-code'> | Command<'unlock-key'>,
  records: LockRecords,
): Promise<Carried> {
  const held = await records.reservation()
  if (held?.id !== command.reservationId) return 'unknown-reservation'
  // The bay has been opened with the code before: a second one would open it twice.
  if (held.state !== 'accepted' && held.state !== 'coded') return 'superseded'
  const history = core.parts.config.codeHistory
  const validUntil = Date.parse(command.validUntil)
  const book = new CodeBook(records)
  if (command.type === 'unlock-code') await book.store(command.code, held.id, validUntil, history)
  else await book.storeKey(command.rotatingKey, held.id, validUntil)
  await records.hold({ ...held, state: 'coded' })
  const correlationId = command.correlationId ?? held.correlationId
  await core.post(records, { type: 'code-stored', reservationId: held.id }, correlationId)
  return 'done'
}

/** Ends a reservation: its code is dead. */
export async function endReservation(held: HeldReservation, records: LockRecords): Promise<void> {
  await new CodeBook(records).expire(held.id)
  await records.dropReservation()
}
