import type { CanErrorFrame, CanFrame } from '../ports/can-bus.js'
import { MAX_EXTENDED_ID, requireSendable } from './can-frame-check.js'
import { MsgpackScalars, type MsgpackScalar } from './msgpack-scalars.js'

/** Thrown for a datagram that is none of python-can's udp_multicast; says what is wrong with it. */
export class MalformedCanDatagram extends Error {
  override readonly name = 'MalformedCanDatagram'
}

/** What a datagram carries. */
export interface CanDatagram {
  /** One of the two is there. */
  readonly frame?: CanFrame
  readonly error?: Omit<CanErrorFrame, 'timestampUs'>
  /** What the sender says, seconds on a clock of its own; 0 where it says nothing. */
  readonly senderSeconds: number
}

/** The keys in python-can's order (4.1.0, can/interfaces/udp_multicast/utils.py). */
const KEYS = [
  'timestamp',
  'arbitration_id',
  'is_extended_id',
  'is_remote_frame',
  'is_error_frame',
  'channel',
  'dlc',
  'data',
  'is_fd',
  'bitrate_switch',
  'error_state_indicator',
] as const

type Key = (typeof KEYS)[number]

/** A value for each key, at the key's place; `ABSENT` where there was none. */
type Fields = (MsgpackScalar | typeof ABSENT)[]
const ABSENT = Symbol('absent')

const PLACES = Object.fromEntries(KEYS.map((key, place) => [key, place])) as Readonly<Record<Key, number>>
const PLACE_OF: ReadonlyMap<unknown, number> = new Map(KEYS.map((key, place) => [key, place]))
const KEY_BYTES = KEYS.map((key) => Buffer.from([0xa0 | key.length, ...Buffer.from(key)]))
const OPTIONAL: readonly Key[] = ['timestamp', 'channel']
/** 11 pairs need less than 300 bytes, and a channel's name has its place too. */
const MAX_DATAGRAM = 4_096

const NIL = [0xc0]
const BOOLEAN = [0xc2]
const DOUBLE = [0xcb, 0, 0, 0, 0, 0, 0, 0, 0]
const U32 = [0xce, 0, 0, 0, 0]
const BYTE = [0]

const pair = (key: Key, value: readonly number[]) => [0xa0 | key.length, ...Buffer.from(key), ...value]

/** The map up to the bytes of `data`, and from there on; what differs between frames is at known places. */
const TIMESTAMP = pair('timestamp', DOUBLE)
const ID = pair('arbitration_id', U32)
const EXTENDED = pair('is_extended_id', BOOLEAN)
const REMOTE = pair('is_remote_frame', BOOLEAN)
const DLC = pair('dlc', BYTE)
const HEAD = Buffer.from([
  0x80 | KEYS.length,
  ...TIMESTAMP,
  ...ID,
  ...EXTENDED,
  ...REMOTE,
  ...pair('is_error_frame', BOOLEAN),
  ...pair('channel', NIL),
  ...DLC,
  ...pair('data', [0xc4, 0]),
])
const TIMESTAMP_AT = TIMESTAMP.length - 7
const ID_AT = 1 + TIMESTAMP.length + ID.length - 4
const EXTENDED_AT = ID_AT + 4 + EXTENDED.length - 1
const REMOTE_AT = EXTENDED_AT + REMOTE.length
const DATA_LENGTH_AT = HEAD.length - 1
const DLC_AT = HEAD.length - pair('data', [0xc4, 0]).length - 1

const FD = pair('is_fd', BOOLEAN)
const BRS = pair('bitrate_switch', BOOLEAN)
const TAIL = Buffer.from([...FD, ...BRS, ...pair('error_state_indicator', BOOLEAN)])
const FD_AT = FD.length - 1
const BRS_AT = FD_AT + BRS.length
const ESI_AT = TAIL.length - 1

const TRUE = 0xc3

/** The time in a datagram of `encodeCanDatagram`, and of nobody else's. */
export const encodedSeconds = (datagram: Uint8Array): number =>
  Buffer.from(datagram.buffer, datagram.byteOffset, datagram.byteLength).readDoubleBE(TIMESTAMP_AT)

/**
 * A frame as python-can's udp_multicast sends it.
 * @param frame sendable, without rawDlc
 * @param senderSeconds the sender's time; python-can puts its own in its place
 */
export function encodeCanDatagram(frame: CanFrame, senderSeconds: number): Uint8Array {
  const { id, extended, data, remote, remoteLength = 0, fd, bitrateSwitch, errorStateIndicator } = frame
  const bytes = Buffer.allocUnsafe(HEAD.length + data.length + TAIL.length)
  bytes.set(HEAD, 0)
  bytes.writeDoubleBE(senderSeconds, TIMESTAMP_AT)
  bytes.writeUInt32BE(id, ID_AT)
  if (extended) bytes[EXTENDED_AT] = TRUE
  if (remote) bytes[REMOTE_AT] = TRUE
  bytes[DLC_AT] = remote ? remoteLength : data.length
  bytes[DATA_LENGTH_AT] = data.length
  bytes.set(data, HEAD.length)
  const tail = HEAD.length + data.length
  bytes.set(TAIL, tail)
  if (fd) bytes[tail + FD_AT] = TRUE
  if (bitrateSwitch) bytes[tail + BRS_AT] = TRUE
  if (errorStateIndicator) bytes[tail + ESI_AT] = TRUE
  return bytes
}

/** @param due the key that python-can's order has here */
function readKey(reader: MsgpackScalars, due: number): number {
  if (reader.passes(KEY_BYTES[due] as Uint8Array)) return due
  const key = reader.scalar()
  const place = PLACE_OF.get(key)
  if (place === undefined) throw new MalformedCanDatagram(`key ${shown(key)} is none of python-can's`)
  return place
}

function readFields(bytes: Uint8Array): Fields {
  if (bytes.length > MAX_DATAGRAM) throw new MalformedCanDatagram(`${bytes.length} bytes are no CAN frame`)
  const reader = new MsgpackScalars(bytes)
  const size = reader.mapSize()
  if (size > KEYS.length) throw new MalformedCanDatagram(`${size} keys, where there are ${KEYS.length}`)
  const fields: Fields = [
    ABSENT,
    ABSENT,
    ABSENT,
    ABSENT,
    ABSENT,
    ABSENT,
    ABSENT,
    ABSENT,
    ABSENT,
    ABSENT,
    ABSENT,
  ]
  for (let i = 0; i < size; i++) {
    const place = readKey(reader, i)
    if (fields[place] !== ABSENT) throw new MalformedCanDatagram(`${KEYS[place]} is there twice`)
    fields[place] = reader.scalar()
  }
  if (!reader.atEnd) throw new MalformedCanDatagram('bytes follow the map')
  for (const key of OPTIONAL) if (fields[PLACES[key]] === ABSENT) fields[PLACES[key]] = undefined
  const missing = fields.indexOf(ABSENT)
  if (missing >= 0) throw new MalformedCanDatagram(`${KEYS[missing]} is missing`)
  return fields
}

const shown = (value: MsgpackScalar): string =>
  value instanceof Uint8Array ? `of ${value.length} bytes` : (JSON.stringify(value)?.slice(0, 40) ?? 'nil')

function flag(fields: Fields, key: Key): boolean {
  const value = fields[PLACES[key]] as MsgpackScalar
  if (typeof value !== 'boolean') throw new MalformedCanDatagram(`${key} ${shown(value)} is no boolean`)
  return value
}

function whole(fields: Fields, key: Key, max: number): number {
  const value = fields[PLACES[key]] as MsgpackScalar
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > max) {
    throw new MalformedCanDatagram(`${key} ${shown(value)} is not 0…${max}`)
  }
  return value
}

function readFrame(fields: Fields, data: Uint8Array): CanFrame {
  const dlc = whole(fields, 'dlc', 64)
  const remote = flag(fields, 'is_remote_frame')
  if (!remote && dlc !== data.length) {
    throw new MalformedCanDatagram(`dlc ${dlc} announces other than ${data.length} bytes`)
  }
  return {
    id: whole(fields, 'arbitration_id', MAX_EXTENDED_ID),
    extended: flag(fields, 'is_extended_id'),
    data,
    ...(remote ? { remote, remoteLength: dlc } : {}),
    ...(flag(fields, 'is_fd') ? { fd: true } : {}),
    ...(flag(fields, 'bitrate_switch') ? { bitrateSwitch: true } : {}),
    ...(flag(fields, 'error_state_indicator') ? { errorStateIndicator: true } : {}),
  }
}

/** The kernel gives 8 bytes (`CAN_ERR_DLC`); a sender that shortens them means zeros. */
function readError(fields: Fields, given: Uint8Array): Omit<CanErrorFrame, 'timestampUs'> {
  if (given.length > 8) throw new MalformedCanDatagram(`an error frame of ${given.length} bytes`)
  const data = new Uint8Array(8)
  data.set(given)
  return { errorClass: whole(fields, 'arbitration_id', MAX_EXTENDED_ID), data }
}

/**
 * Keys may come in any order, numbers in any width.
 * @throws MalformedCanDatagram also where a frame comes out that no controller could send
 */
export function decodeCanDatagram(bytes: Uint8Array): CanDatagram {
  try {
    const fields = readFields(bytes)
    const timestamp = fields[PLACES.timestamp]
    const data = fields[PLACES.data]
    if (!(data instanceof Uint8Array))
      throw new MalformedCanDatagram(`data ${shown(data as MsgpackScalar)} is not bytes`)
    if (timestamp !== undefined && typeof timestamp !== 'number') {
      throw new MalformedCanDatagram(`timestamp ${shown(timestamp as MsgpackScalar)} is no number`)
    }
    const senderSeconds = timestamp ?? 0
    if (flag(fields, 'is_error_frame')) return { error: readError(fields, data), senderSeconds }
    const frame = readFrame(fields, data)
    requireSendable(frame)
    return { frame, senderSeconds }
  } catch (error) {
    if (error instanceof MalformedCanDatagram) throw error
    throw new MalformedCanDatagram((error as Error).message, { cause: error })
  }
}
