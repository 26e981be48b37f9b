import type { EventLog } from '../../../reference/ports/event-log.js'
import { limitRefusals } from '../../../reference/refusal-limit.js'
import { visibleText } from '../../../reference/visible-text.js'

/** Of a topic that a stranger chose: enough to see what they were after. */
const MOST_TOPIC = 128

/** What a broker did not let a client do, whichever broker. */
interface Refusal {
  readonly username: string
  readonly what: string
  readonly reason: string
  readonly topic?: string
}

/**
 * Writes what a broker refused, `broker-refused`: who, what, which topic, why; of a flood as much as of any party's
 * refusals (refusal-limit.ts).
 * @param nowMs wall time; monotonic
 * @returns ends it
 */
export function logRefusals(
  broker: { onRefusal(listener: (refusal: Refusal) => void): () => void },
  log: EventLog,
  nowMs: () => number = () => performance.now(),
): () => void {
  const limited = limitRefusals(log, nowMs)
  const unhook = broker.onRefusal(({ topic, ...refusal }) => {
    const shown = topic && visibleText(topic.slice(0, MOST_TOPIC))
    limited.record('broker-refused', { ...refusal, ...(shown !== undefined && { topic: shown }) })
  })
  return () => {
    unhook()
    limited.end()
  }
}
