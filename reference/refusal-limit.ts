import type { EventLog } from './ports/event-log.js'

/** Of one source and kind, lines a minute. */
const MOST_OF_A_KIND = 10
/** Of one event, whatever the sources: a flood may come from many. */
const MOST_OF_AN_EVENT = 60
const WINDOW_MS = 60_000
/** Sources and kinds that are counted apart; further ones count together. */
const MOST_KINDS = 1_000
/** The most frequent ones that a summary names. */
const MOST_NAMED = 5
const LONGEST_KIND = 64

/** What strangers, locks and cars can bring about as often as they like. */
const CAUSED_FROM_OUTSIDE =
  /-(refused|failed|error|omitted|malformed|unanswered|unreadable|repeated|ignored)$|-not-|^alert$/

type Fields = Readonly<Record<string, unknown>>
type WriteRecord = (event: string, fields: Fields) => void

interface Kind {
  readonly source: string
  readonly kind: string
  count: number
  omitted: number
}

interface EventCount {
  written: number
  omitted: number
  readonly kinds: Map<string, Kind>
}

/** A log that takes no more of them than that; `end` writes what is still counted. */
export function limitRefusals(
  log: EventLog,
  monotonicMs?: () => number,
): EventLog & { readonly end: () => void } {
  const limit = new RefusalLimit((event, fields) => log.record(event, fields), monotonicMs)
  return {
    record: (event, fields, correlationId) => {
      if (limit.lets(event, fields)) log.record(event, fields, correlationId)
    },
    end: () => limit.flush(),
  }
}

const OTHERS = { source: 'others', kind: 'others' }

function text(...candidates: readonly unknown[]): string {
  const found = candidates.find((value) => typeof value === 'string' || typeof value === 'number')
  return found === undefined ? '' : String(found).slice(0, LONGEST_KIND)
}

/**
 * Writes what was refused or failed up to 10 times a minute of each source and kind, and 60 times of each event; of
 * what is beyond, one `refusals-omitted` at the end of the minute with the counts. The same for every party.
 */
export class RefusalLimit {
  #events = new Map<string, EventCount>()
  #sinceMs = -Infinity
  #timer: NodeJS.Timeout | undefined

  /** @param monotonicMs wall time */
  constructor(
    private readonly record: WriteRecord,
    private readonly monotonicMs: () => number = () => performance.now(),
  ) {}

  /** Counts an event. @returns whether it is to be written */
  lets(event: string, fields: Fields = {}): boolean {
    if (!CAUSED_FROM_OUTSIDE.test(event)) return true
    if (this.monotonicMs() - this.#sinceMs >= WINDOW_MS) {
      this.flush()
      this.#sinceMs = this.monotonicMs()
    }
    const counted = this.#events.get(event) ?? { written: 0, omitted: 0, kinds: new Map<string, Kind>() }
    this.#events.set(event, counted)
    const kind = this.#kindOf(counted, fields)
    kind.count++
    if (kind.count <= MOST_OF_A_KIND && counted.written < MOST_OF_AN_EVENT) {
      counted.written++
      return true
    }
    counted.omitted++
    kind.omitted++
    this.#timer ??= setTimeout(() => this.flush(), WINDOW_MS).unref()
    return false
  }

  /** Writes the counts of what was omitted, and begins anew. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const events = this.#events
    this.#events = new Map()
    this.#sinceMs = -Infinity
    for (const [of, { omitted: count, kinds }] of events) {
      if (count === 0) continue
      const most = [...kinds.values()]
        .filter(({ omitted }) => omitted > 0)
        .sort((a, b) => b.omitted - a.omitted)
        .slice(0, MOST_NAMED)
        .map(({ source, kind, omitted }) => ({ source, kind, count: omitted }))
      this.record('refusals-omitted', { of, count, kinds: kinds.size, most })
    }
  }

  #kindOf({ kinds }: EventCount, fields: Fields): Kind {
    const source = text(fields['source'], fields['lockId'], fields['vehicleId'], fields['username'])
    const kind = text(fields['error'], fields['errcode'], fields['reason'], fields['kind'], fields['status'])
    const key = `${source}\n${kind}`
    const known = kinds.get(key)
    if (known) return known
    const isFull = kinds.size >= MOST_KINDS
    const found = isFull
      ? (kinds.get('') ?? { ...OTHERS, count: 0, omitted: 0 })
      : { source, kind, count: 0, omitted: 0 }
    kinds.set(isFull ? '' : key, found)
    return found
  }
}
