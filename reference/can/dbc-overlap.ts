import type { DbcCursor } from './dbc-cursor.js'
import type { MessageDraft, SignalDraft } from './dbc-draft.js'
import { lastByteOf, signalBits } from './dbc-layout.js'

/** Which bits a signal and what hangs on it use, each with the signal that does. */
type Footprint = ReadonlyMap<number, SignalDraft>

/** At these values of its multiplexor, a child has its bits. */
interface Claim {
  readonly from: number
  readonly to: number
  readonly child: SignalDraft
}

function isBefore({ token: one }: SignalDraft, { token: other }: SignalDraft): boolean {
  return one.line < other.line || (one.line === other.line && one.column < other.column)
}

/** Walks over one message's signals from the leaves of its multiplexors to the roots. */
class OverlapCheck {
  readonly #told = new Set<SignalDraft>()
  /** Of multiplexors; other signals have their own bits only. */
  readonly #footprints = new Map<SignalDraft, Footprint>()

  constructor(
    private readonly cursor: DbcCursor,
    private readonly message: MessageDraft,
  ) {}

  #conflict(one: SignalDraft, other: SignalDraft): void {
    const [first, second] = isBefore(one, other) ? [one, other] : [other, one]
    if (this.#told.has(second)) return
    this.#told.add(second)
    this.cursor.object(
      `signals ${first.name} and ${second.name} overlap in message ${this.message.name}`,
      second.token,
    )
  }

  #bits(signal: SignalDraft): Iterable<number> {
    return this.#footprints.get(signal)?.keys() ?? signalBits(signal)
  }

  #owner(child: SignalDraft, bit: number): SignalDraft {
    return this.#footprints.get(child)?.get(bit) ?? child
  }

  /** Children of a multiplexor may use the same bits where their ranges are apart. */
  #below(children: readonly SignalDraft[]): Map<number, SignalDraft> {
    const claims = children.flatMap((child): Claim[] =>
      (child.multiplexing?.ranges ?? []).map(([from, to]) => ({ from, to, child })),
    )
    claims.sort((a, b) => a.from - b.from)
    // The claim that reaches furthest so far on each bit; the next one begins no earlier than any before it.
    const furthest = new Map<number, Claim>()
    const below = new Map<number, SignalDraft>()
    for (const claim of claims) {
      for (const bit of this.#bits(claim.child)) {
        const other = furthest.get(bit)
        if (other && claim.from <= other.to && claim.child !== other.child) {
          this.#conflict(this.#owner(other.child, bit), this.#owner(claim.child, bit))
        }
        if (!other || claim.to > other.to) furthest.set(bit, claim)
        if (!other) below.set(bit, this.#owner(claim.child, bit))
      }
    }
    for (const child of children) this.#footprints.delete(child)
    return below
  }

  /** @param ordered each signal behind its multiplexor */
  run(ordered: readonly SignalDraft[]): void {
    const children = new Map<string, SignalDraft[]>()
    for (const signal of ordered) {
      if (signal.isMultiplexor) children.set(signal.name, [])
      if (signal.multiplexing) children.get(signal.multiplexing.multiplexor)?.push(signal)
    }
    const everyFrame = new Map<number, SignalDraft>()
    const claim = (footprint: Map<number, SignalDraft>, bit: number, owner: SignalDraft) => {
      const other = footprint.get(bit)
      if (other) this.#conflict(other, owner)
      else footprint.set(bit, owner)
    }
    for (const signal of [...ordered].reverse()) {
      const ofSignal = children.get(signal.name)
      if (!ofSignal) continue
      const footprint = this.#below(ofSignal)
      for (const bit of signalBits(signal)) claim(footprint, bit, signal)
      this.#footprints.set(signal, footprint)
    }
    for (const signal of ordered) {
      if (signal.multiplexing) continue
      for (const bit of this.#bits(signal)) claim(everyFrame, bit, this.#owner(signal, bit))
    }
  }
}

/**
 * Objects to signals that reach beyond the message, and to signals that share a bit in the same frame.
 * @param ordered the message's signals, each behind its multiplexor
 */
export function requireFit(cursor: DbcCursor, message: MessageDraft, ordered: readonly SignalDraft[]): void {
  for (const signal of ordered) {
    if (lastByteOf(signal) < message.length) continue
    cursor.object(
      `signal ${signal.name} does not fit the ${message.length} bytes of message ${message.name}`,
      signal.token,
    )
  }
  if (ordered.length > 1) new OverlapCheck(cursor, message).run(ordered)
}
