import type { DbcMessage, DbcMultiplexing, DbcSignal, RawValue } from './dbc-model.js'
import { rawAccess, type RawAccess } from './dbc-raw.js'

type Ranges = DbcMultiplexing['ranges']

const NO_RANGES: Ranges = []
/** Instead of a multiplexor's place: the signal is in every frame, or in none since its multiplexor is not there. */
const ALWAYS = -1
const LOST = -2
/** Sets of signals that are kept for messages whose multiplexors have many values. */
const MAX_KEPT_SELECTIONS = 4_096

/** One signal of a message, worked out for coding. */
export interface SignalPlan extends RawAccess {
  readonly signal: DbcSignal
  /** Place in the message's signals. */
  readonly index: number
  readonly name: string
  readonly factor: number
  readonly offset: number
  /** Which of the plan's multiplexors lets it in, or ALWAYS or LOST. */
  readonly parent: number
  readonly ranges: Ranges
}

interface MultiplexorPlan {
  readonly plan: SignalPlan
  /** Values at which the set of signals that it lets in may change, ascending. */
  readonly borders: readonly number[]
}

function isIn(ranges: Ranges, value: number): boolean {
  for (const [from, to] of ranges) if (value >= from && value <= to) return true
  return false
}

/** How many of the borders are not above the value. */
function segmentOf(borders: readonly number[], value: number): number {
  let [low, high] = [0, borders.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((borders[middle] as number) <= value) low = middle + 1
    else high = middle
  }
  return low
}

/** The multiplexor's bits as an unsigned number: what the values of `m…` and SG_MUL_VAL_ count in. */
export function switchValue({ signal }: SignalPlan, raw: RawValue): number {
  const value = Number(raw)
  return value < 0 ? value + 2 ** signal.bitLength : value
}

/** A message, worked out for coding: which signals a frame has, and how each is read and written. */
export class MessagePlan {
  /** In the order of the file. */
  readonly signals: readonly SignalPlan[]
  readonly byName: ReadonlyMap<string, SignalPlan>
  /** Each behind the one that lets it in. */
  readonly #multiplexors: MultiplexorPlan[] = []
  readonly #selections: Map<number, readonly SignalPlan[]> | undefined

  constructor(readonly message: DbcMessage) {
    const multiplexors = this.#orderMultiplexors()
    const places = new Map(multiplexors.map(({ name }, place) => [name, place]))
    const borders = multiplexors.map(() => new Set<number>())
    this.signals = message.signals.map((signal, index) => {
      const { multiplexing, name, factor, offset } = signal
      const parent = multiplexing ? (places.get(multiplexing.multiplexor) ?? LOST) : ALWAYS
      const ranges = multiplexing?.ranges ?? NO_RANGES
      for (const [from, to] of ranges) borders[parent]?.add(from).add(to + 1)
      return { ...rawAccess(signal), signal, index, name, factor, offset, parent, ranges }
    })
    this.byName = new Map(this.signals.map((plan) => [plan.name, plan]))
    let selections = 1
    for (const [place, { name }] of multiplexors.entries()) {
      const ascending = [...(borders[place] ?? [])].sort((a, b) => a - b)
      this.#multiplexors.push({ plan: this.byName.get(name) as SignalPlan, borders: ascending })
      selections *= ascending.length + 2
    }
    this.#selections = Number.isSafeInteger(selections) ? new Map() : undefined
  }

  #orderMultiplexors(): DbcSignal[] {
    const waiting = new Map<string | undefined, DbcSignal[]>()
    for (const signal of this.message.signals) {
      if (!signal.isMultiplexor) continue
      const parent = signal.multiplexing?.multiplexor
      const siblings = waiting.get(parent)
      if (siblings) siblings.push(signal)
      else waiting.set(parent, [signal])
    }
    const ordered = [...(waiting.get(undefined) ?? [])]
    // Grows while it is walked over.
    for (const signal of ordered) for (const child of waiting.get(signal.name) ?? []) ordered.push(child)
    return ordered
  }

  /**
   * The signals that a frame has, in the order of the file.
   * @param valueOf the `switchValue` of a multiplexor that is in the frame; NaN lets nothing in
   */
  select(valueOf: (multiplexor: SignalPlan) => number): readonly SignalPlan[] {
    if (this.#multiplexors.length === 0) return this.signals
    const values: number[] = []
    let key = 0
    for (const { plan, borders } of this.#multiplexors) {
      const present = plan.parent === ALWAYS || isIn(plan.ranges, values[plan.parent] as number)
      const value = present ? valueOf(plan) : Number.NaN
      values.push(value)
      key = key * (borders.length + 2) + (present ? 1 + segmentOf(borders, value) : 0)
    }
    const kept = this.#selections?.get(key)
    if (kept) return kept
    const selected = this.signals.filter(
      ({ parent, ranges }) => parent === ALWAYS || isIn(ranges, values[parent] as number),
    )
    if (this.#selections && this.#selections.size < MAX_KEPT_SELECTIONS) this.#selections.set(key, selected)
    return selected
  }
}

const plans = new WeakMap<DbcMessage, MessagePlan>()

/** The message's plan, made at its first use. */
export function messagePlan(message: DbcMessage): MessagePlan {
  let plan = plans.get(message)
  if (!plan) plans.set(message, (plan = new MessagePlan(message)))
  return plan
}
