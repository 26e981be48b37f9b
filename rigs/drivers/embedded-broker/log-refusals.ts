import type { EventLog } from '../../../reference/ports/event-log.js'

const WINDOW_MS = 60_000
/** Refusals that are written one by one, a minute; as many as the platform keeps of strangers. */
const MOST_A_MINUTE = 60
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
 * Writes what a broker refused, `broker-refused`: who, what, which topic, why. Of a flood no more than 60 a minute, and
 * one `broker-refusals-omitted`, so that whoever guesses cannot fill a disk.
 * @param nowMs wall time; monotonic
 * @returns ends it
 */
export function logRefusals(
  broker: { onRefusal(listener: (refusal: Refusal) => void): () => void },
  log: EventLog,
  nowMs: () => number = () => performance.now(),
): () => void {
  let since = -Infinity
  let count = 0
  return broker.onRefusal(({ topic, ...refusal }) => {
    if (nowMs() - since >= WINDOW_MS) {
      since = nowMs()
      count = 0
    }
    count++
    if (count > MOST_A_MINUTE + 1) return
    if (count === MOST_A_MINUTE + 1) {
      log.record('broker-refusals-omitted', { forSeconds: Math.ceil((since + WINDOW_MS - nowMs()) / 1_000) })
      return
    }
    // A topic may hold anything at all: what is no visible ASCII is shown as a question mark.
    const shown = topic?.slice(0, MOST_TOPIC).replace(/[^\x21-\x7e]/g, '?')
    log.record('broker-refused', { ...refusal, ...(shown !== undefined && { topic: shown }) })
  })
}
