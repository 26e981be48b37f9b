import type { MinuteLimit } from '../minute-limit.js'
import type { EventLog } from '../ports/event-log.js'

/** A journey needs some ten; a bench drives many of them in a minute with one car. */
export const VEHICLE_MESSAGES_PER_MINUTE = 1_200

/**
 * Takes no more from one car than its share: each message is written down, and may have the store read and commands
 * sent again. What is beyond counts as received, and is told of once a minute.
 */
export function pacedByVehicle(
  handle: (vehicleId: string, payload: Buffer) => void,
  limit: Pick<MinuteLimit, 'count'>,
  log: EventLog,
): (vehicleId: string, payload: Buffer) => Promise<void> {
  return async (vehicleId, payload) => {
    const pace = await limit.count(vehicleId)
    if (pace === 'within') handle(vehicleId, payload)
    else if (pace === 'first-beyond') {
      const reason = 'too many; none is taken for up to a minute'
      log.record('vehicle-message-refused', { vehicleId, reason })
    }
  }
}
