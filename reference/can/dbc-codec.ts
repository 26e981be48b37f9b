import type { DbcMessage, DbcSignal } from './dbc-model.js'

/** A raw value: a number for signals of up to 53 bits and floats, a bigint for longer integers. */
export type RawValue = number | bigint

export interface DecodedSignal {
  readonly raw: RawValue
  /** raw × factor + offset */
  readonly physical: number
  /** The raw value's name in the signal's value table. */
  readonly valueName?: string
}

/** What a signal is to be set to: physical, a name of its value table, or a bigint where neither scales nor rounds. */
export type SignalInput = number | bigint | string

/** Thrown for values that a message cannot carry; nothing was encoded. */
export class SignalNotEncodable extends Error {
  override readonly name = 'SignalNotEncodable'
  constructor(
    problem: string,
    readonly signal: string,
  ) {
    super(problem)
  }
}

/** Thrown for data that is shorter than its message. */
export class MessageTooShort extends Error {
  override readonly name = 'MessageTooShort'
  constructor(message: DbcMessage, length: number) {
    super(`message ${message.name} has ${message.length} bytes, this frame has ${length}`)
  }
}

const TWO_POW_32 = 0x1_0000_0000

function readBits(data: Uint8Array, bits: readonly number[], from: number, to: number): number {
  let value = 0
  for (let i = Math.min(to, bits.length) - 1; i >= from; i--) {
    const bit = bits[i] as number
    value = value * 2 + (((data[bit >> 3] as number) >> (bit & 7)) & 1)
  }
  return value
}

function writeBits(data: Uint8Array, bits: readonly number[], from: number, value: number): void {
  for (let i = from; i < Math.min(from + 32, bits.length); i++) {
    const bit = bits[i] as number
    if ((value >>> (i - from)) & 1) data[bit >> 3] = (data[bit >> 3] as number) | (1 << (bit & 7))
  }
}

function floatOf(low: number, high: number, bitLength: number): number {
  const view = new DataView(new ArrayBuffer(8))
  view.setUint32(0, low, true)
  view.setUint32(4, high, true)
  return bitLength === 32 ? view.getFloat32(0, true) : view.getFloat64(0, true)
}

function readRaw(signal: DbcSignal, data: Uint8Array): RawValue {
  const { bits, bitLength, valueType } = signal
  const low = readBits(data, bits, 0, 32)
  const high = readBits(data, bits, 32, 64)
  if (valueType === 'float') return floatOf(low, high, bitLength)
  if (bitLength > 53) {
    const wide = (BigInt(high) << 32n) | BigInt(low)
    return valueType === 'signed' ? BigInt.asIntN(bitLength, wide) : wide
  }
  const unsigned = high * TWO_POW_32 + low
  return valueType === 'signed' && unsigned >= 2 ** (bitLength - 1) ? unsigned - 2 ** bitLength : unsigned
}

/** Whether the signal is in a frame whose other raw values are these. */
function isPresent(message: DbcMessage, signal: DbcSignal, rawOf: (signal: DbcSignal) => RawValue): boolean {
  const { multiplexing } = signal
  if (!multiplexing) return true
  const multiplexor = message.signals.find((candidate) => candidate.name === multiplexing.multiplexor)
  if (!multiplexor || !isPresent(message, multiplexor, rawOf)) return false
  const value = Number(rawOf(multiplexor))
  return multiplexing.ranges.some(([from, to]) => value >= from && value <= to)
}

/**
 * The signals that a frame's data carries; those that its multiplexors rule out are not there.
 * @throws MessageTooShort
 */
export function decodeMessage(message: DbcMessage, data: Uint8Array): Map<string, DecodedSignal> {
  if (data.length < message.length) throw new MessageTooShort(message, data.length)
  const decoded = new Map<string, DecodedSignal>()
  for (const signal of message.signals) {
    if (!isPresent(message, signal, (other) => readRaw(other, data))) continue
    const raw = readRaw(signal, data)
    const valueName = signal.valueNames.get(Number(raw))
    const physical = Number(raw) * signal.factor + signal.offset
    decoded.set(signal.name, { raw, physical, ...(valueName === undefined ? {} : { valueName }) })
  }
  return decoded
}

function rawOfInput(message: DbcMessage, signal: DbcSignal, input: SignalInput): RawValue {
  const refuse = (problem: string): never => {
    throw new SignalNotEncodable(`${message.name}.${signal.name}: ${problem}`, signal.name)
  }
  if (typeof input === 'string') {
    for (const [raw, name] of signal.valueNames) if (name === input) return raw
    return refuse(`"${input}" is not in its value table`)
  }
  if (typeof input === 'bigint') {
    if (signal.factor !== 1 || signal.offset !== 0) refuse('a bigint would lose its precision in the scaling')
    return signal.valueType === 'float' || signal.bitLength <= 53 ? Number(input) : input
  }
  const { limits } = signal
  if (Number.isNaN(input)) refuse('the value is not a number')
  if (limits && (input < limits.min || input > limits.max)) {
    refuse(`${input} is outside ${limits.min}…${limits.max} ${signal.unit}`)
  }
  const scaled = (input - signal.offset) / signal.factor
  if (signal.valueType === 'float') return scaled
  if (!Number.isFinite(scaled)) refuse(`${input} is not finite`)
  const rounded = Math.round(scaled)
  return signal.bitLength <= 53 ? rounded : BigInt(rounded)
}

function requireBits(message: DbcMessage, signal: DbcSignal, raw: RawValue): void {
  if (signal.valueType === 'float') return
  const { bitLength } = signal
  const signed = signal.valueType === 'signed'
  const min = signed ? -(2n ** BigInt(bitLength - 1)) : 0n
  const max = 2n ** BigInt(signed ? bitLength - 1 : bitLength) - 1n
  if (raw < min || raw > max) {
    throw new SignalNotEncodable(
      `${message.name}.${signal.name}: raw value ${raw} does not fit ${bitLength} bits`,
      signal.name,
    )
  }
}

function writeRaw(signal: DbcSignal, raw: RawValue, data: Uint8Array): void {
  let wide: bigint
  if (signal.valueType === 'float') {
    const view = new DataView(new ArrayBuffer(8))
    if (signal.bitLength === 32) view.setFloat32(0, Number(raw), true)
    else view.setFloat64(0, Number(raw), true)
    wide = view.getBigUint64(0, true)
  } else {
    wide = BigInt.asUintN(64, BigInt(raw))
  }
  writeBits(data, signal.bits, 0, Number(wide & 0xffffffffn))
  writeBits(data, signal.bits, 32, Number(wide >> 32n))
}

/**
 * A message's data; bits that no signal covers are 0.
 * @param values one for every signal that the multiplexors let in, and no other
 * @throws SignalNotEncodable
 */
export function encodeMessage(
  message: DbcMessage,
  values: Readonly<Record<string, SignalInput>>,
): Uint8Array {
  const raws = new Map<string, RawValue>()
  for (const [name, input] of Object.entries(values)) {
    const signal = message.signals.find((candidate) => candidate.name === name)
    if (!signal) throw new SignalNotEncodable(`${message.name} has no signal ${name}`, name)
    const raw = rawOfInput(message, signal, input)
    requireBits(message, signal, raw)
    raws.set(name, raw)
  }
  const rawOf = (signal: DbcSignal): RawValue => {
    const raw = raws.get(signal.name)
    if (raw === undefined) {
      throw new SignalNotEncodable(`${message.name}.${signal.name}: no value is given`, signal.name)
    }
    return raw
  }
  const data = new Uint8Array(message.length)
  for (const signal of message.signals) {
    if (isPresent(message, signal, rawOf)) writeRaw(signal, rawOf(signal), data)
    else if (raws.has(signal.name)) {
      throw new SignalNotEncodable(
        `${message.name}.${signal.name}: its multiplexor rules it out`,
        signal.name,
      )
    }
  }
  return data
}
