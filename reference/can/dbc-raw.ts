import { bitRun, lastByteOf, readRun, writeRun, type BitRun } from './dbc-layout.js'
import type { DbcSignal, DbcSignalLayout, RawValue } from './dbc-model.js'

type RawSignal = DbcSignalLayout & Pick<DbcSignal, 'valueType'>

const TWO_POW_32 = 0x1_0000_0000

/** Whether an integer, or a float's number, fits the signal's bits. */
export function fitsSignal({ bitLength, valueType }: RawSignal, raw: RawValue): boolean {
  if (valueType === 'float') return true
  const signed = valueType === 'signed'
  if (bitLength <= 53) {
    const max = signed ? 2 ** (bitLength - 1) - 1 : 2 ** bitLength - 1
    return raw <= max && raw >= (signed ? -max - 1 : 0)
  }
  const max = 2n ** BigInt(signed ? bitLength - 1 : bitLength) - 1n
  return raw <= max && raw >= (signed ? -max - 1n : 0n)
}

/** Reads and writes the raw value of one signal, by steps that are worked out once. */
export interface RawAccess {
  /** Index of the last byte that it touches. */
  readonly lastByte: number
  read(data: Uint8Array): RawValue
  /** @param raw one that `fitsSignal` */
  write(data: Uint8Array, raw: RawValue): void
}

function runs(layout: DbcSignalLayout): BitRun[] {
  const count = Math.ceil(layout.bitLength / 32)
  return Array.from({ length: count }, (_, n) =>
    bitRun(layout, n * 32, Math.min(32, layout.bitLength - n * 32)),
  )
}

function shortAccess(run: BitRun, { bitLength, valueType }: RawSignal): Omit<RawAccess, 'lastByte'> {
  const write = (data: Uint8Array, raw: RawValue) => {
    const value = Number(raw)
    writeRun(data, run, value < 0 ? value + 2 ** bitLength : value)
  }
  if (valueType === 'unsigned') return { read: (data) => readRun(data, run), write }
  const unused = 32 - bitLength
  return { read: (data) => (readRun(data, run) << unused) >> unused, write }
}

/** 33 to 53 bits, which a double holds. */
function longAccess(
  [low, high]: [BitRun, BitRun],
  { bitLength, valueType }: RawSignal,
): Omit<RawAccess, 'lastByte'> {
  const size = 2 ** bitLength
  const firstNegative = valueType === 'signed' ? size / 2 : size
  return {
    read: (data) => {
      const value = readRun(data, high) * TWO_POW_32 + readRun(data, low)
      return value >= firstNegative ? value - size : value
    },
    write: (data, raw) => {
      const value = Number(raw) < 0 ? Number(raw) + size : Number(raw)
      writeRun(data, high, Math.floor(value / TWO_POW_32))
      writeRun(data, low, value % TWO_POW_32)
    },
  }
}

function wideAccess(
  parts: readonly BitRun[],
  { bitLength, valueType }: RawSignal,
): Omit<RawAccess, 'lastByte'> {
  const fromMost = [...parts].reverse()
  return {
    read: (data) => {
      let value = 0n
      for (const part of fromMost) value = (value << 32n) | BigInt(readRun(data, part))
      return valueType === 'signed' ? BigInt.asIntN(bitLength, value) : value
    },
    write: (data, raw) => {
      let value = BigInt.asUintN(bitLength, BigInt(raw))
      for (const part of parts) {
        writeRun(data, part, Number(value & 0xffffffffn))
        value >>= 32n
      }
    },
  }
}

const scratch = new DataView(new ArrayBuffer(8))

function floatAccess([low, high]: readonly BitRun[]): Omit<RawAccess, 'lastByte'> {
  if (!high) {
    return {
      read: (data) => {
        scratch.setUint32(0, readRun(data, low as BitRun))
        return scratch.getFloat32(0)
      },
      write: (data, raw) => {
        scratch.setFloat32(0, Number(raw))
        writeRun(data, low as BitRun, scratch.getUint32(0))
      },
    }
  }
  return {
    read: (data) => {
      scratch.setUint32(0, readRun(data, high))
      scratch.setUint32(4, readRun(data, low as BitRun))
      return scratch.getFloat64(0)
    },
    write: (data, raw) => {
      scratch.setFloat64(0, Number(raw))
      writeRun(data, high, scratch.getUint32(0))
      writeRun(data, low as BitRun, scratch.getUint32(4))
    },
  }
}

export function rawAccess(signal: RawSignal): RawAccess {
  const parts = runs(signal)
  const [low, high] = parts
  let access: Omit<RawAccess, 'lastByte'>
  if (signal.valueType === 'float') access = floatAccess(parts)
  else if (!high) access = shortAccess(low as BitRun, signal)
  else if (signal.bitLength <= 53) access = longAccess([low as BitRun, high], signal)
  else access = wideAccess(parts, signal)
  return { ...access, lastByte: lastByteOf(signal) }
}
