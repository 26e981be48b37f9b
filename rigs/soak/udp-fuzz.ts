import { encode } from '@msgpack/msgpack'
import {
  decodeCanDatagram,
  encodeCanDatagram,
  MalformedCanDatagram,
} from '../../reference/can/udp-multicast-datagram.js'
import type { Draws } from './draws.js'
import type { FuzzTarget } from './fuzz.js'

const LENGTHS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 48, 64]

function soundFrame(draws: Draws): Uint8Array {
  const extended = draws.chance(0.5)
  const id = draws.below(extended ? 2 ** 29 : 2 ** 11)
  if (draws.chance(0.2)) {
    const request = { id, extended, data: new Uint8Array(0), remote: true, remoteLength: draws.below(9) }
    return encodeCanDatagram(request, draws.below(2 ** 31))
  }
  const fd = draws.chance(0.5)
  const data = draws.bytes(fd ? draws.pick(LENGTHS) : draws.below(9))
  return encodeCanDatagram({ id, extended, data, fd }, draws.below(2 ** 31))
}

const ODD_VALUES: readonly unknown[] = [
  null,
  true,
  -1,
  1.5,
  2 ** 40,
  '',
  'x',
  new Uint8Array(9),
  [1],
  { a: { b: [] } },
]

/** The right keys in any order, with values that may be none of theirs. */
function oddMap(draws: Draws): Uint8Array {
  const data = draws.bytes(draws.below(10))
  const fields: Record<string, unknown> = {
    timestamp: draws.below(100),
    arbitration_id: draws.below(2 ** 12),
    is_extended_id: draws.chance(0.5),
    is_remote_frame: draws.chance(0.1),
    is_error_frame: draws.chance(0.3),
    channel: draws.pick([null, 'can0', 1]),
    dlc: data.length,
    data,
    is_fd: draws.chance(0.2),
    bitrate_switch: false,
    error_state_indicator: false,
  }
  const keys = Object.keys(fields).sort(() => draws.below(3) - 1)
  const map = Object.fromEntries(keys.map((key) => [key, fields[key]]))
  if (draws.chance(0.5)) map[draws.pick([...keys, 'extra', '__proto__'])] = draws.pick(ODD_VALUES)
  if (draws.chance(0.2)) delete map[draws.pick(keys)]
  return encode(map)
}

function spoilt(draws: Draws, sound: Uint8Array): Uint8Array {
  const bytes = Uint8Array.from(sound)
  for (let changes = 1 + draws.below(4); changes > 0; changes--) {
    bytes[draws.below(bytes.length)] = draws.below(256)
  }
  return draws.chance(0.3) ? bytes.subarray(0, draws.below(bytes.length + 1)) : bytes
}

/** Datagrams of a multicast group where anybody may send. */
export const udpFuzz: FuzzTarget<Uint8Array> = {
  name: 'udp-multicast datagrams',
  make: (draws) =>
    draws.pick([
      () => soundFrame(draws),
      () => oddMap(draws),
      () => spoilt(draws, soundFrame(draws)),
      () => spoilt(draws, oddMap(draws)),
      () => draws.bytes(draws.below(300)),
    ])(),
  take(bytes) {
    const { frame } = decodeCanDatagram(bytes)
    // What was accepted can be said again, and means the same.
    if (frame) {
      const again = decodeCanDatagram(encodeCanDatagram(frame, 0)).frame
      if (JSON.stringify(again) !== JSON.stringify(frame)) throw new Error('it is read in two ways')
    }
  },
  rejections: [MalformedCanDatagram],
  show: (bytes) => Buffer.from(bytes).toString('hex'),
}
