import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import {
  CanFrameNotCarried,
  CanSendQueueFull,
  MalformedCanFrame,
  type CanFrame,
  type ReceivedCanFrame,
} from '../../reference/ports/can-bus.js'
import { createMemoryCan } from '../simulated/memory-can/memory-can.js'
import type { Draws } from './draws.js'
import type { FuzzTarget } from './fuzz.js'

/** What a caller without types might pass for a frame, and what it says when it is first asked. */
interface HostileFrame {
  readonly given: unknown
  readonly first: Readonly<Record<string, unknown>>
  readonly classic: boolean
  /** So many are sent at once. */
  readonly copies: number
}

const SEND_QUEUE = 4
const HUGE = new Uint8Array(5_000_000)
const CLASSIC_LENGTHS = [0, 1, 2, 3, 4, 5, 6, 7, 8]
const FD_LENGTHS = [...CLASSIC_LENGTHS, 12, 16, 20, 24, 32, 48, 64]

const raise = (): never => {
  throw new Error('a hostile caller')
}
const thorny = { toString: raise, valueOf: raise, toJSON: raise, [Symbol.toPrimitive]: raise }

class Subclass extends Uint8Array {
  static get [Symbol.species](): never {
    return raise()
  }
}

const NOISE: readonly ((draws: Draws) => unknown)[] = [
  () => undefined,
  () => null,
  () => Number.NaN,
  () => -0,
  () => -1,
  () => Infinity,
  () => 0.5,
  () => 2 ** 53,
  () => 1n,
  () => Symbol('noise'),
  () => '1',
  () => [],
  () => thorny,
  () => raise,
  () => new Proxy({}, { get: raise, has: raise, getPrototypeOf: raise, ownKeys: raise }),
  () => new Proxy(new Uint8Array(8), {}),
  () => Object.create(Uint8Array.prototype) as unknown,
  () => new Uint16Array(4),
  () => new DataView(new ArrayBuffer(8)),
  () => HUGE,
  () => Object.defineProperty(new Uint8Array(99), 'length', { value: 8 }),
  (draws) => draws.below(0x800),
  (draws) => draws.below(0x4000_0000),
  (draws) => draws.below(20),
  (draws) => draws.chance(0.5),
  (draws) => draws.bytes(draws.below(70)),
]

function bytes(draws: Draws, length: number): Uint8Array {
  const drawn = draws.bytes(length)
  switch (draws.below(6)) {
    case 0:
      return Buffer.from(drawn)
    case 1:
      return new Subclass(drawn)
    case 2: {
      const shared = new Uint8Array(new SharedArrayBuffer(length + 3), 2, length)
      shared.set(drawn)
      return shared
    }
    default:
      return drawn
  }
}

function soundFields(draws: Draws): Record<string, unknown> {
  const extended = draws.chance(0.5)
  const id = draws.below(extended ? 0x2000_0000 : 0x800)
  const head = { id, extended }
  switch (draws.below(5)) {
    case 0:
      return { ...head, data: new Uint8Array(0), remote: true, remoteLength: draws.below(9) }
    case 1:
      return { ...head, data: bytes(draws, 8), rawDlc: 9 + draws.below(7) }
    case 2:
    case 3: {
      const flags = { bitrateSwitch: draws.chance(0.5), errorStateIndicator: draws.chance(0.5) }
      return { ...head, data: bytes(draws, draws.pick(FD_LENGTHS)), fd: true, ...flags }
    }
    default:
      return { ...head, data: bytes(draws, draws.below(9)) }
  }
}

/** The fields as an object that makes trouble. */
function dressed(draws: Draws, fields: Record<string, unknown>): unknown {
  switch (draws.below(8)) {
    case 0:
      return Object.freeze({ ...fields })
    case 1:
      return Object.assign(Object.create(null) as object, fields)
    case 2: {
      // Another answer from the second reading on.
      const asked = new Set<PropertyKey>()
      return new Proxy(fields, {
        get: (_, field) => {
          if (asked.has(field)) return draws.pick(NOISE)(draws)
          asked.add(field)
          return fields[field as string]
        },
        has: raise,
        ownKeys: raise,
        getPrototypeOf: raise,
      })
    }
    case 3:
      return Object.create(fields) as unknown
    default:
      return { ...fields }
  }
}

const FIELDS = ['id', 'extended', 'data', 'remote', 'remoteLength', 'rawDlc', 'fd', 'bitrateSwitch'] as const

function make(draws: Draws): HostileFrame {
  const classic = draws.chance(0.1)
  const copies = draws.chance(0.02) ? SEND_QUEUE + 1 + draws.below(3) : 1
  if (draws.chance(0.05)) return { given: draws.pick(NOISE)(draws), first: {}, classic, copies }
  const first = soundFields(draws)
  for (let spoilt = draws.chance(0.5) ? 1 + draws.below(3) : 0; spoilt > 0; spoilt--) {
    first[draws.pick(FIELDS)] = draws.pick(NOISE)(draws)
  }
  // An object that changes its answers can only be sent once: later copies would be other frames.
  if (copies > 1) return { given: { ...first }, first, classic, copies }
  const given = dressed(draws, { ...first })
  if (draws.chance(0.05) && !Object.isFrozen(given)) {
    Object.defineProperty(given, draws.pick(FIELDS), { get: raise, configurable: true })
  }
  return { given, first, classic, copies }
}

function openBus(classic: boolean) {
  const can = createMemoryCan({ pace: 'virtual', classic })
  const heard: ReceivedCanFrame[] = []
  can.join('receiver').onFrame((frame) => heard.push(frame))
  return { sender: can.join('sender', { sendQueue: SEND_QUEUE }), heard }
}

const BUSES = { fd: openBus(false), classic: openBus(true) }

/** Not the check of the code under test: what ISO 11898-1 lets a controller send. */
function requireSound(frame: CanFrame): void {
  const { id, extended, data, fd, remote, rawDlc, remoteLength } = frame
  assert.ok(Number.isInteger(id) && id >= 0 && id < (extended ? 2 ** 29 : 2 ** 11), 'id')
  assert.equal(Object.getPrototypeOf(data), Uint8Array.prototype)
  assert.ok((fd ? FD_LENGTHS : CLASSIC_LENGTHS).includes(data.length), 'length')
  if (remote) assert.ok(!fd && data.length === 0 && CLASSIC_LENGTHS.includes(remoteLength ?? 0), 'remote')
  if (rawDlc !== undefined) assert.ok(!fd && rawDlc > 8 && rawDlc < 16, 'rawDlc')
}

async function take({ given, first, classic, copies }: HostileFrame): Promise<void> {
  const { sender, heard } = classic ? BUSES.classic : BUSES.fd
  const sent = Array.from({ length: copies }, () => sender.send(given as CanFrame))
  const outcomes = await Promise.allSettled(sent)
  const frames = heard.splice(0)
  assert.equal(
    frames.length,
    outcomes.filter(({ status }) => status === 'fulfilled').length,
    'each arrives once',
  )
  if (frames[0]) {
    const { timestampUs, data, ...rest } = frames[0]
    requireSound(frames[0])
    assert.ok(Number.isSafeInteger(timestampUs))
    const { data: asked, ...others } = first
    assert.deepEqual([...data], [...(asked as Uint8Array)])
    const told = Object.entries(others).filter(([, value]) => value !== undefined)
    // Negative zero arrives as zero.
    assert.deepEqual(rest, Object.fromEntries(told.map(([field, value]) => [field, value === 0 ? 0 : value])))
  }
  const refused = outcomes.find((outcome) => outcome.status === 'rejected')
  if (refused) throw refused.reason
}

/** Frames as hostile callers pass them, on a memory bus: named refusals, or unchanged at the other node. */
export const frameFuzz: FuzzTarget<HostileFrame> = {
  name: 'frames',
  make,
  take,
  rejections: [MalformedCanFrame, CanFrameNotCarried, CanSendQueueFull],
  show: ({ first, classic, copies }) =>
    `${inspect(first, { customInspect: false, maxArrayLength: 64 })}, ${copies} on ${classic ? 'a classic' : 'an FD'} bus`,
}
