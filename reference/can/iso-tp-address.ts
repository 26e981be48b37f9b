import { MAX_EXTENDED_ID, MAX_STANDARD_ID } from './can-frame-check.js'
import { InvalidIsoTpAddress } from './iso-tp-errors.js'

/** Normal addressing (ISO 15765-2, 9.7.2): one CAN id for each direction says it all. */
export interface NormalIsoTpAddress {
  readonly transmitId: number
  readonly receiveId: number
  /** 29-bit ids. */
  readonly extended: boolean
}

/** Extended addressing (9.7.4): the first data byte of each frame is the target's address, N_TA. */
export interface ExtendedIsoTpAddress extends NormalIsoTpAddress {
  /** N_TA of what is sent, 0…255. */
  readonly peerAddress: number
  /** N_TA of what is received: this node's own address, 0…255. */
  readonly ownAddress: number
}

/** Mixed addressing (9.7.5): the first data byte of each frame, both ways, is the address extension, N_AE. */
export interface MixedIsoTpAddress extends NormalIsoTpAddress {
  /** N_AE, 0…255. */
  readonly addressExtension: number
}

export type IsoTpAddress = NormalIsoTpAddress | ExtendedIsoTpAddress | MixedIsoTpAddress

/** An address as frames carry it. */
export interface IsoTpFraming extends NormalIsoTpAddress {
  /** Data bytes in front of the protocol control information: 1 with extended and mixed addressing. */
  readonly addressBytes: 0 | 1
  readonly transmitByte: number
  readonly receiveByte: number
}

/** 29-bit ids of ISO 15765-2, tables 27 and 31, priority 6, physical: the target's address in bits 15…8, the source's in 7…0. */
const NORMAL_FIXED = 0x18da0000
const MIXED_FIXED = 0x18ce0000

function requireRange(name: string, value: unknown, max: number): void {
  if (!Number.isInteger(value) || (value as number) < 0 || (value as number) > max) {
    throw new InvalidIsoTpAddress(`${name} is ${String(value)}, not 0…0x${max.toString(16).toUpperCase()}`)
  }
}

function fixedIds(base: number, ownAddress: number, peerAddress: number): NormalIsoTpAddress {
  requireRange('ownAddress', ownAddress, 0xff)
  requireRange('peerAddress', peerAddress, 0xff)
  return {
    transmitId: base + peerAddress * 0x100 + ownAddress,
    receiveId: base + ownAddress * 0x100 + peerAddress,
    extended: true,
  }
}

/**
 * Normal fixed addressing (9.7.3), physical: 0x18DAxxyy, where xx is the target and yy the source.
 * @param ownAddress N_SA of what is sent, 0…255
 * @param peerAddress N_TA of what is sent, 0…255
 * @throws InvalidIsoTpAddress
 */
export function normalFixedAddress(ownAddress: number, peerAddress: number): NormalIsoTpAddress {
  return fixedIds(NORMAL_FIXED, ownAddress, peerAddress)
}

/**
 * Mixed addressing with 29-bit ids (9.7.5.1), physical: 0x18CExxyy and the address extension as the first byte.
 * @throws InvalidIsoTpAddress
 */
export function mixedFixedAddress(
  ownAddress: number,
  peerAddress: number,
  addressExtension: number,
): MixedIsoTpAddress {
  requireRange('addressExtension', addressExtension, 0xff)
  return { ...fixedIds(MIXED_FIXED, ownAddress, peerAddress), addressExtension }
}

function addressBytes(address: IsoTpAddress): Pick<IsoTpFraming, 'transmitByte' | 'receiveByte'> | undefined {
  if ('addressExtension' in address) {
    requireRange('addressExtension', address.addressExtension, 0xff)
    return { transmitByte: address.addressExtension, receiveByte: address.addressExtension }
  }
  if ('peerAddress' in address) {
    requireRange('peerAddress', address.peerAddress, 0xff)
    requireRange('ownAddress', address.ownAddress, 0xff)
    return { transmitByte: address.peerAddress, receiveByte: address.ownAddress }
  }
  return undefined
}

/**
 * How frames carry the address.
 * @throws InvalidIsoTpAddress also where a node would take its own frames for its peer's
 */
export function isoTpFraming(address: IsoTpAddress): IsoTpFraming {
  const { transmitId, receiveId, extended } = address
  const max = extended ? MAX_EXTENDED_ID : MAX_STANDARD_ID
  requireRange('transmitId', transmitId, max)
  requireRange('receiveId', receiveId, max)
  const bytes = addressBytes(address)
  if (transmitId === receiveId && bytes?.transmitByte === bytes?.receiveByte) {
    throw new InvalidIsoTpAddress('both directions have the same address; give each its own id')
  }
  return {
    transmitId,
    receiveId,
    extended,
    addressBytes: bytes ? 1 : 0,
    transmitByte: bytes?.transmitByte ?? 0,
    receiveByte: bytes?.receiveByte ?? 0,
  }
}
