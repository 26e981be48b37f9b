import type { LockCommand } from '../contracts/lock-link.js'
import { lockStands } from '../domain/lock-machine.js'
import type { BayWatch } from './bay-watch.js'
import type { BoltControl } from './bolt-control.js'
import type { Begun, Carried, CommandHandler } from './command-desk.js'
import { isInUse, type LockCore } from './lock-core.js'
import type { FixReporter } from './fix-reporter.js'
import type { LockRecords } from './lock-records.js'
import { endReservation, reserve, storeCode } from './reservation-commands.js'

/**
 * Raises the bolt that is owed to an empty bay. One that a vehicle stands over stays owed: it goes up when the bay is
 * empty, and the command is carried out all the same.
 */
async function raiseIfOwed(core: LockCore, bolt: BoltControl, bay: BayWatch): Promise<Carried> {
  await bolt.until(
    (now, sample) => lockStands(now) && (now.bolt.state === 'up' || bay.isClear || sample.vehiclePresent),
  )
  if (!core.memory.raiseOwed || bolt.position === 'up' || bolt.bolt.seen.sample?.vehiclePresent) {
    return bolt.bolt.state === 'link-lost' ? 'fault' : 'done'
  }
  const ending = await bolt.moveTo('up')
  return ending === 'vehicle-present' ? 'done' : ending
}

/** What each command does. */
export function commandHandler(
  core: LockCore,
  bolt: BoltControl,
  bay: BayWatch,
  fixes?: FixReporter,
): CommandHandler {
  const oweRaise = (records: LockRecords) => records.set('raise-owed', bolt.position === 'up' ? 'no' : 'yes')

  async function sync(expected: string | null, records: LockRecords): Promise<Begun> {
    let held = await records.reservation()
    if (held && held.id !== expected) {
      await endReservation(held, records)
      held = undefined
    }
    if (!isInUse(held)) await oweRaise(records)
    await fixes?.tell(records)
    return { begin: () => raiseIfOwed(core, bolt, bay) }
  }

  return async (command: LockCommand, records: LockRecords) => {
    switch (command.type) {
      case 'reserve':
        return reserve(core, command, records)
      case 'unlock-code':
      case 'unlock-key':
        return storeCode(core, command, records)
      case 'cancel': {
        const held = await records.reservation()
        if (held?.id !== command.reservationId) return 'unknown-reservation'
        await endReservation(held, records)
        await oweRaise(records)
        return { begin: () => raiseIfOwed(core, bolt, bay) }
      }
      case 'unlock':
        await records.set('raise-owed', 'no')
        return { begin: () => bolt.moveTo('down') }
      case 'lock':
        if (bolt.bolt.seen.sample?.vehiclePresent) return 'vehicle-present'
        return { begin: () => bolt.moveTo('up') }
      case 'safe':
        return { begin: async () => bolt.makeSafe() }
      case 'rearm':
        return { begin: () => bolt.rearm() }
      case 'report':
        return {
          begin: async () => {
            await bolt.afterHardwareMs(command.settleHardwareMs ?? 0)
            return bolt.bolt.state === 'link-lost' ? 'fault' : 'done'
          },
        }
      case 'configure':
        await records.set('comparator-reading', command.comparatorReading)
        return 'done'
      case 'sync':
        return sync(command.reservationId, records)
    }
  }
}
