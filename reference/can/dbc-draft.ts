import type { DbcToken } from './dbc-lexer.js'
import type { DbcAttribute, DbcDatabase, DbcMessage, DbcMultiplexing, DbcSignal } from './dbc-model.js'
import { DbcSyntaxError, frameKey } from './dbc-model.js'

type Draft<T> = { -readonly [K in keyof T]: T[K] }

export type SignalDraft = Draft<DbcSignal> & { readonly token: DbcToken; muxIndicator: string | undefined }
export type MessageDraft = Omit<Draft<DbcMessage>, 'signals' | 'cycleTimeMs'> & {
  readonly token: DbcToken
  readonly signals: SignalDraft[]
  readonly ownAttributes: Map<string, DbcAttribute>
}

/**
 * Where a signal's bits lie, least significant first. Motorola start bits name the most significant bit and run
 * downwards in a byte, then on to bit 7 of the next one.
 */
export function signalBits(startBit: number, bitLength: number, byteOrder: 'intel' | 'motorola'): number[] {
  const bits: number[] = []
  let position = startBit
  for (let i = 0; i < bitLength; i++) {
    bits.push(position)
    if (byteOrder === 'intel') position++
    else position = position % 8 === 0 ? position + 15 : position - 1
  }
  return byteOrder === 'intel' ? bits : bits.reverse()
}

function fail(token: DbcToken, problem: string): never {
  throw new DbcSyntaxError(token.line, token.column, problem)
}

function requireFit(message: MessageDraft): void {
  const owner = new Map<number, string>()
  for (const signal of message.signals) {
    const { token, name, bits, bitLength } = signal
    if (bits.some((bit) => bit >= message.length * 8)) {
      fail(token, `signal ${name} does not fit the ${message.length} bytes of message ${message.name}`)
    }
    if (signal.valueType === 'float' && bitLength !== 32 && bitLength !== 64) {
      fail(token, `signal ${name} is a float of ${bitLength} bits; IEEE 754 has 32 and 64`)
    }
    if (signal.multiplexing) continue
    for (const bit of bits) {
      const other = owner.get(bit)
      if (other !== undefined) fail(token, `signals ${other} and ${name} overlap in message ${message.name}`)
      owner.set(bit, name)
    }
  }
}

/** Signals without ranges of their own (SG_MUL_VAL_) hang on the message's one multiplexor, at the value of `m…`. */
function resolveMultiplexing(message: MessageDraft): void {
  const roots = message.signals.filter((signal) => signal.muxIndicator === 'M')
  for (const signal of message.signals) {
    const value = /^m(\d+)M?$/.exec(signal.muxIndicator ?? '')?.[1]
    if (value === undefined || signal.multiplexing) continue
    const [root, ...others] = roots
    if (!root || others.length > 0) {
      fail(
        signal.token,
        `signal ${signal.name}: message ${message.name} has ${roots.length} multiplexors "M"`,
      )
    }
    const multiplexing: DbcMultiplexing = {
      multiplexor: root.name,
      ranges: [[Number(value), Number(value)]],
    }
    signal.multiplexing = multiplexing
  }
  const named = new Map(message.signals.map((signal) => [signal.name, signal]))
  for (const signal of message.signals) {
    const seen = new Set<SignalDraft>()
    for (
      let at: SignalDraft | undefined = signal;
      at?.multiplexing;
      at = named.get(at.multiplexing.multiplexor)
    ) {
      if (seen.has(at)) fail(signal.token, `signal ${signal.name} multiplexes itself`)
      seen.add(at)
      if (!named.get(at.multiplexing.multiplexor)?.isMultiplexor) {
        fail(at.token, `signal ${at.name}: ${at.multiplexing.multiplexor} is no multiplexor of this message`)
      }
    }
  }
}

function finishSignal({ token: _token, muxIndicator: _mux, ...signal }: SignalDraft): DbcSignal {
  return signal
}

/** Checks what only the whole file can tell, and closes it. */
export function finishDatabase(
  version: string,
  nodes: readonly string[],
  drafts: readonly MessageDraft[],
  defaults: ReadonlyMap<string, DbcAttribute>,
): DbcDatabase {
  const byName = new Map<string, DbcMessage>()
  const byFrame = new Map<number, DbcMessage>()
  for (const draft of drafts) {
    resolveMultiplexing(draft)
    requireFit(draft)
    const { token, ownAttributes, ...rest } = draft
    const attributes = new Map([...defaults, ...ownAttributes])
    const cycle = attributes.get('GenMsgCycleTime')
    const message: DbcMessage = {
      ...rest,
      signals: draft.signals.map(finishSignal),
      attributes,
      ...(typeof cycle === 'number' && cycle > 0 ? { cycleTimeMs: cycle } : {}),
    }
    if (byName.has(message.name)) fail(token, `message ${message.name} is there twice`)
    if (byFrame.has(frameKey(message))) fail(token, `message id ${message.id} is there twice`)
    byName.set(message.name, message)
    byFrame.set(frameKey(message), message)
  }
  return { version, nodes, messages: [...byName.values()], byName, byFrame }
}
