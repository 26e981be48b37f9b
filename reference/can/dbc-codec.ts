import { valueNameOf, type DbcMessage, type RawValue } from './dbc-model.js'
import { messagePlan, switchValue, type MessagePlan, type SignalPlan } from './dbc-plan.js'
import { rawOfInput, requireRaw, SignalNotEncodable, type SignalInput } from './dbc-scaling.js'

export type { RawValue } from './dbc-model.js'
export { SignalNotEncodable, type SignalInput } from './dbc-scaling.js'

export interface DecodedSignal {
  readonly raw: RawValue
  /** raw × factor + offset, in doubles and not rounded: above 53 bits `raw` alone has every digit. */
  readonly physical: number
  /** The raw value's name in the signal's value table. */
  readonly valueName?: string
}

export interface DecodeOptions {
  /** Decodes data that is shorter than its message: signals that are not wholly in it are not there. */
  readonly truncated?: boolean
}

export interface EncodeOptions {
  /** Values are raw: neither scaled, nor held against their limits, which are physical. */
  readonly raw?: boolean
  /** False lets values pass that are outside their limits but fit their bits; true unless told. */
  readonly limits?: boolean
  /** The bits that no signal covers; 0 unless told. */
  readonly padding?: 0 | 1
}

/** Thrown for data that is shorter than its message. */
export class MessageTooShort extends Error {
  override readonly name = 'MessageTooShort'
  constructor(message: DbcMessage, length: number) {
    super(`message ${message.name} has ${message.length} bytes, this frame has ${length}`)
  }
}

/** The signals that these bytes carry. */
export function presentSignals(plan: MessagePlan, data: Uint8Array): readonly SignalPlan[] {
  return plan.select((multiplexor) =>
    multiplexor.lastByte < data.length ? switchValue(multiplexor, multiplexor.read(data)) : Number.NaN,
  )
}

export function requireLength(message: DbcMessage, data: Uint8Array): void {
  if (data.length < message.length) throw new MessageTooShort(message, data.length)
}

/**
 * The signals that a frame's data carries, in the order of the file; those that its multiplexors rule out are not
 * there. Bytes beyond the message are not looked at.
 * @throws MessageTooShort
 */
export function decodeMessage(
  message: DbcMessage,
  data: Uint8Array,
  options?: DecodeOptions,
): Map<string, DecodedSignal> {
  if (!options?.truncated) requireLength(message, data)
  const decoded = new Map<string, DecodedSignal>()
  for (const plan of presentSignals(messagePlan(message), data)) {
    // A file that was read leniently has signals beyond its message, too.
    if (plan.lastByte >= data.length) continue
    const raw = plan.read(data)
    const physical = Number(raw) * plan.factor + plan.offset
    const valueName = valueNameOf(plan.signal, raw)
    decoded.set(plan.name, valueName === undefined ? { raw, physical } : { raw, physical, valueName })
  }
  return decoded
}

type SignalInputs = Readonly<Record<string, SignalInput>>

function rawFrom(
  message: DbcMessage,
  plan: SignalPlan,
  values: SignalInputs,
  options?: EncodeOptions,
): RawValue {
  const input: unknown = values[plan.name]
  if (typeof input !== 'number' && typeof input !== 'bigint' && typeof input !== 'string') {
    throw new SignalNotEncodable(`${message.name}.${plan.name}: no value is given`, plan.name)
  }
  if (plan.lastByte >= message.length) {
    throw new SignalNotEncodable(`${message.name}.${plan.name} lies beyond its message`, plan.name)
  }
  return options?.raw
    ? requireRaw(message.name, plan, input)
    : rawOfInput(message.name, plan, input, options?.limits ?? true)
}

function requireNoOther(plan: MessagePlan, present: readonly SignalPlan[], values: SignalInputs): void {
  let given = 0
  for (const name in values) if (Object.hasOwn(values, name)) given++
  if (given === present.length) return
  const { name: message } = plan.message
  const known = new Set(present.map(({ name }) => name))
  for (const name of Object.keys(values)) {
    if (known.has(name)) continue
    throw new SignalNotEncodable(
      plan.byName.has(name)
        ? `${message}.${name}: its multiplexor rules it out`
        : `${message} has no signal ${name}`,
      name,
    )
  }
}

/**
 * A message's data.
 * @param values one for every signal that the multiplexors let in, and no other
 * @throws SignalNotEncodable
 */
export function encodeMessage(
  message: DbcMessage,
  values: SignalInputs,
  options?: EncodeOptions,
): Uint8Array {
  const plan = messagePlan(message)
  const present = plan.select((multiplexor) =>
    switchValue(multiplexor, rawFrom(message, multiplexor, values, options)),
  )
  const data = new Uint8Array(message.length)
  if (options?.padding === 1) data.fill(0xff)
  for (const signal of present) signal.write(data, rawFrom(message, signal, values, options))
  requireNoOther(plan, present, values)
  return data
}
