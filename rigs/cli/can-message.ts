import { FD_LENGTH_OF_DLC } from '../../reference/can/asc-log-format.js'
import { encodeMessage, SignalNotEncodable, type SignalInput } from '../../reference/can/dbc-codec.js'
import { UnknownDbcMessage, type DbcMessage, type RawValue } from '../../reference/can/dbc-model.js'
import { messagePlan, switchValue, type MessagePlan, type SignalPlan } from '../../reference/can/dbc-plan.js'
import { rawOfInput, requireRaw } from '../../reference/can/dbc-scaling.js'
import type { CanFrame } from '../../reference/ports/can-bus.js'
import { UsageError } from './failure-exit.js'
import { nearestName } from './nearest-name.js'

export interface MessageFrameOptions {
  /** Values are raw: neither scaled nor held against their limits. */
  readonly raw?: boolean | undefined
  /** False lets values pass that are outside their limits but fit their bits. */
  readonly limits?: boolean | undefined
}

/** A frame of a message, and its signals that were given no value: they have their start values. */
export interface MessageFrame {
  readonly frame: CanFrame
  readonly started: readonly { readonly signal: string; readonly raw: RawValue }[]
}

const meant = (name: string, names: Iterable<string>) => {
  const nearest = nearestName(name, names)
  return nearest === undefined ? '' : `; did you mean ${nearest}?`
}

/** @throws UnknownDbcMessage */
function messageOf(name: string, messages: readonly DbcMessage[]): DbcMessage {
  const found = messages.find((message) => message.name === name)
  if (found) return found
  throw new UnknownDbcMessage(
    `${name}${meant(
      name,
      messages.map((message) => message.name),
    )}`,
  )
}

/**
 * @param words a message's name and `SIGNAL=VALUE` for its signals; one that is left out has its start value
 *   (GenSigStartValue) where the file gives one
 * @throws UsageError, UnknownDbcMessage, SignalNotEncodable
 */
export function messageFrame(
  [name, ...settings]: readonly string[],
  messages: readonly DbcMessage[],
  { raw = false, limits = true }: MessageFrameOptions = {},
): MessageFrame {
  if (name === undefined) throw new UsageError('with --dbc give a MESSAGE and its SIGNAL=VALUE pairs')
  const message = messageOf(name, messages)
  const plan = messagePlan(message)
  const inputs = inputsOf(settings)
  requireKnown(plan, inputs)
  const started: { signal: string; raw: RawValue }[] = []
  const missing: string[] = []
  const raws = new Map<string, RawValue>()
  const rawOf = (signal: SignalPlan): RawValue => {
    const known = raws.get(signal.name)
    if (known !== undefined) return known
    const input = inputs.get(signal.name)
    const start = signal.signal.initialRaw
    if (input === undefined) {
      if (start === undefined) missing.push(signal.name)
      else started.push({ signal: signal.name, raw: start })
    }
    const value =
      input === undefined
        ? (start ?? 0)
        : raw
          ? requireRaw(message.name, signal, input)
          : rawOfInput(message.name, signal, input, limits)
    raws.set(signal.name, value)
    return value
  }
  const present = plan.select((multiplexor) => switchValue(multiplexor, rawOf(multiplexor)))
  requirePresent(message, present, inputs, (signal) =>
    missing.includes(signal) ? undefined : raws.get(signal),
  )
  for (const signal of present) rawOf(signal)
  if (missing.length > 0) {
    const [first = ''] = missing
    throw new SignalNotEncodable(
      `${message.name}: no value is given for ${missing.join(', ')}, and the file has no start value (GenSigStartValue)`,
      first,
    )
  }
  const values = Object.fromEntries(present.map((signal) => [signal.name, rawOf(signal)]))
  return { frame: frameOf(message, encodeMessage(message, values, { raw: true })), started }
}

function inputsOf(settings: readonly string[]): Map<string, SignalInput> {
  const inputs = new Map<string, SignalInput>()
  for (const setting of settings) {
    const at = setting.indexOf('=')
    if (at < 1) throw new UsageError(`${setting} is not SIGNAL=VALUE`)
    const signal = setting.slice(0, at)
    if (inputs.has(signal)) throw new UsageError(`${signal} is set twice`)
    inputs.set(signal, signalInput(setting.slice(at + 1)))
  }
  return inputs
}

/** Before any value is looked at: a name that is wrong explains what else would be missing. */
function requireKnown({ message, byName }: MessagePlan, inputs: ReadonlyMap<string, SignalInput>): void {
  for (const name of inputs.keys()) {
    if (byName.has(name)) continue
    throw new SignalNotEncodable(`${message.name} has no signal ${name}${meant(name, byName.keys())}`, name)
  }
}

function requirePresent(
  message: DbcMessage,
  present: readonly SignalPlan[],
  inputs: ReadonlyMap<string, SignalInput>,
  valueOf: (signal: string) => RawValue | undefined,
): void {
  const names = new Set(present.map(({ name }) => name))
  for (const name of inputs.keys()) {
    if (names.has(name)) continue
    const multiplexing = message.signals.find((signal) => signal.name === name)?.multiplexing
    const multiplexor = multiplexing?.multiplexor ?? ''
    const where = multiplexing?.ranges
      .map(([from, to]) => (from === to ? `${from}` : `${from}…${to}`))
      .join(', ')
    const value = valueOf(multiplexor)
    throw new SignalNotEncodable(
      `${message.name}.${name}: its multiplexor rules it out: it is there where ${multiplexor} is ${where}, ` +
        (value === undefined ? 'which has no value' : `which is ${value}`),
      name,
    )
  }
}

function frameOf(message: DbcMessage, encoded: Uint8Array): CanFrame {
  const fd = message.fd || encoded.length > 8
  const length = fd ? FD_LENGTH_OF_DLC.find((each) => each >= encoded.length) : encoded.length
  if (length === undefined) {
    throw new UsageError(
      `${message.name} has ${encoded.length} bytes: a transport protocol carries it, not one frame`,
    )
  }
  const data = new Uint8Array(length)
  data.set(encoded)
  return { id: message.id, extended: message.extended, data, ...(fd ? { fd } : {}) }
}

/** A number, where it is one; else a name of the signal's value table. */
function signalInput(text: string): SignalInput {
  if (/^[+-]?\d+$/.test(text) && !Number.isSafeInteger(Number(text))) return BigInt(text)
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text
}
