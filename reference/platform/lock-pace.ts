import type { MinuteLimit } from '../minute-limit.js'
import type { EventLog } from '../ports/event-log.js'
import type { LockMessage } from './lock-link.js'

/**
 * Takes no more from one lock than its share, since all locks wait for the one whose message is being taken. What is
 * beyond counts as received: the broker must not send it again and again.
 */
export function pacedByLock(
  handle: (message: LockMessage) => Promise<void>,
  limit: MinuteLimit,
  log: EventLog,
): (message: LockMessage) => Promise<void> {
  return async (message) => {
    const pace = await limit.count(message.lockId)
    if (pace === 'within') return handle(message)
    if (pace === 'beyond') return
    const { lockId, channel } = message
    log.record('lock-message-refused', {
      lockId,
      channel,
      reason: 'too many; none is taken for up to a minute',
    })
  }
}
