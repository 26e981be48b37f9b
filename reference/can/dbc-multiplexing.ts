import type { DbcCursor } from './dbc-cursor.js'
import { DbcSyntaxError } from './dbc-model.js'
import type { MessageDraft, SignalDraft } from './dbc-draft.js'

/** Signals without ranges of their own (SG_MUL_VAL_) hang on the message's one multiplexor, at the value of `m…`. */
function hangOnRoot(cursor: DbcCursor, message: MessageDraft): void {
  const roots = message.signals.filter((signal) => signal.muxIndicator === 'M')
  for (const signal of message.signals) {
    const value = /^m(\d+)M?$/.exec(signal.muxIndicator ?? '')?.[1]
    if (value === undefined || signal.multiplexing) continue
    const root = roots.at(-1)
    const problem = `signal ${signal.name}: message ${message.name} has ${roots.length} multiplexors "M"`
    if (!root) {
      cursor.warn(`${problem}, so it is taken to be in every frame`, signal.token)
      continue
    }
    if (roots.length > 1) cursor.object(`${problem} and no SG_MUL_VAL_ says which one is meant`, signal.token)
    signal.multiplexing = { multiplexor: root.name, ranges: [[Number(value), Number(value)]] }
  }
}

/**
 * Gives every multiplexed signal its multiplexor.
 * @returns the signals in such an order that each stands behind its multiplexor
 * @throws DbcSyntaxError for signals that multiplex each other in a circle
 */
export function resolveMultiplexing(cursor: DbcCursor, message: MessageDraft): SignalDraft[] {
  if (message.signals.every((signal) => signal.muxIndicator === undefined && !signal.multiplexing)) {
    return message.signals
  }
  hangOnRoot(cursor, message)
  const children = new Map<string, SignalDraft[]>()
  const ordered: SignalDraft[] = []
  for (const signal of message.signals) {
    if (!signal.multiplexing) {
      ordered.push(signal)
      continue
    }
    const siblings = children.get(signal.multiplexing.multiplexor)
    if (siblings) siblings.push(signal)
    else children.set(signal.multiplexing.multiplexor, [signal])
  }
  // Grows while it is walked over: every signal brings those that hang on it.
  for (const signal of ordered) for (const child of children.get(signal.name) ?? []) ordered.push(child)
  if (ordered.length < message.signals.length) {
    const reached = new Set(ordered)
    const lost = message.signals.find((signal) => !reached.has(signal)) as SignalDraft
    const problem = `signal ${lost.name} multiplexes itself, by ${lost.multiplexing?.multiplexor}`
    const error = new DbcSyntaxError(lost.token.line, lost.token.column, problem)
    if (cursor.strict) throw error
    const circle = message.signals.filter((signal) => !reached.has(signal))
    cursor.leaveOut(error, circle.map(({ name }) => name).join(', '))
    for (const signal of circle) message.signals.splice(message.signals.indexOf(signal), 1)
  }
  return ordered
}
