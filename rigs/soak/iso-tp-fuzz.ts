import type { IsoTpAddress } from '../../reference/can/iso-tp-address.js'
import { IsoTpError } from '../../reference/can/iso-tp-errors.js'
import {
  consecutiveCapacity,
  encodeIsoTpFrame,
  firstCapacity,
  singleCapacity,
} from '../../reference/can/iso-tp-frame.js'
import { openIsoTp, type IsoTpOptions } from '../../reference/can/iso-tp-link.js'
import { VirtualClock } from '../simulated/virtual-line/virtual-clock.js'
import { createVirtualLine } from '../simulated/virtual-line/virtual-line.js'
import type { Draws } from './draws.js'
import type { FuzzTarget } from './fuzz.js'

/** One frame of a peer that keeps to no rules, and how long after it the next one comes. */
interface StrayFrame {
  readonly data: Uint8Array
  readonly pauseUs: number
}

export interface IsoTpFuzzInput {
  readonly address: IsoTpAddress
  readonly options: Partial<IsoTpOptions>
  /** What the link itself sends meanwhile, bytes; 0 nothing. */
  readonly sends: number
  readonly paused: boolean
  readonly frames: readonly StrayFrame[]
}

const LENGTHS = [8, 8, 8, 12, 16, 20, 24, 32, 48, 64]
const IDS = { transmitId: 0x6a0, receiveId: 0x6a8, extended: false }
const ADDRESSES: readonly IsoTpAddress[] = [
  IDS,
  { ...IDS, peerAddress: 0x10, ownAddress: 0xf1 },
  { ...IDS, addressExtension: 0x42 },
]
const MIN_BYTES = 90
const MAX_BYTES = 6_000
const GARBAGE_MOST = 12
const SOUND = Uint8Array.of(0xca, 0xfe)

const frontOf = (address: IsoTpAddress): readonly number[] => {
  if ('addressExtension' in address) return [address.addressExtension]
  return 'ownAddress' in address ? [address.ownAddress] : []
}

/** Consecutive frames that follow on from another, so that garbage reaches the middle of messages. */
function makeFrame(draws: Draws, front: readonly number[], sequence: () => number): Uint8Array {
  const body = draws.bytes(draws.pick(LENGTHS))
  const first = draws.below(256)
  const heads: readonly (() => number[])[] = [
    () => [first],
    () => [draws.below(8)],
    () => [0, draws.below(64)],
    () => [0x10, draws.below(256)],
    () => [0x10 | draws.below(16), first],
    () => [0x10, 0, draws.below(2) * 0xff, draws.below(2) * 0xff, draws.below(32), first],
    () => [0x20 | sequence()],
    () => [0x20 | sequence()],
    () => [0x20 | sequence()],
    () => [0x30, draws.below(4), draws.pick([0, 0, 1, 0xf1, 0xf9, 0xfa, 0x80])],
    () => [0x30 | draws.pick([1, 1, 2, 3, 15]), first, first],
  ]
  body.set([...front, ...draws.pick(heads)()].slice(0, body.length))
  return body.length === 8 && draws.chance(0.15) ? body.subarray(0, draws.below(9)) : body
}

/** A message as a sound peer sends it. */
function makeMessage(draws: Draws, front: readonly number[]): Uint8Array[] {
  const frameBytes = draws.pick(LENGTHS)
  const payload = draws.bytes(1 + draws.below(draws.chance(0.3) ? 100 : 30))
  const { length } = payload
  const padding = draws.chance(0.5) ? 0xcc : undefined
  if (length <= singleCapacity(frameBytes, front.length)) {
    return [encodeIsoTpFrame({ kind: 'single', data: payload }, padding, front)]
  }
  let at = firstCapacity(length, frameBytes, front.length)
  const first = { kind: 'first', length, data: payload.subarray(0, at), frameBytes } as const
  const frames = [encodeIsoTpFrame(first, padding, front)]
  const step = consecutiveCapacity(frameBytes, front.length)
  for (let sequence = 1; at < length; at += step, sequence++) {
    const data = payload.subarray(at, at + step)
    frames.push(
      encodeIsoTpFrame({ kind: 'consecutive', sequence: sequence & 0x0f, data, frameBytes }, padding, front),
    )
  }
  return frames
}

/** Swaps, repeats, leaves out, puts in, or bends a frame. */
function mutate(draws: Draws, frames: Uint8Array[], stray: () => Uint8Array): void {
  const at = draws.below(frames.length)
  const frame = frames[at] as Uint8Array
  const changes: readonly (() => void)[] = [
    () => frames.splice(at, 1),
    () => frames.splice(at, 0, frame),
    () => frames.splice(at, 0, stray()),
    () => frames.splice(draws.below(frames.length), 0, ...frames.splice(at, 1)),
    () => (frame[draws.below(Math.min(3, frame.length))] = draws.below(256)),
  ]
  draws.pick(changes)()
}

/**
 * Any sequence of frames at both roles of a link at once, in virtual time: refused when a message was dropped because
 * of them; a defect when the link does not come to rest, hands out more than came, or does not take a sound message
 * afterwards.
 */
export const isoTpFuzz: FuzzTarget<IsoTpFuzzInput> = {
  name: 'iso-tp',
  rejections: [IsoTpError],
  make(draws) {
    const address = draws.pick(ADDRESSES)
    const front = frontOf(address)
    let next = 1
    const sequence = () => (draws.chance(0.9) ? next++ & 0x0f : draws.below(16))
    const stray = () => {
      const data = makeFrame(draws, draws.chance(0.97) ? front : [], sequence)
      if ((data[front.length] ?? 0) >> 4 === 1) next = 1
      return data
    }
    const data = draws.chance(0.6)
      ? makeMessage(draws, front)
      : Array.from({ length: 1 + draws.below(GARBAGE_MOST) }, stray)
    for (let changes = draws.pick([0, 0, 1, 2]); changes > 0 && data.length > 0; changes--) {
      mutate(draws, data, stray)
    }
    const pause = () => (draws.chance(0.95) ? 0 : draws.below(1_500_000))
    const frames = data.map((bytes) => ({ data: bytes, pauseUs: pause() }))
    return {
      address,
      frames,
      sends: draws.chance(0.3) ? draws.below(MIN_BYTES) : 0,
      paused: draws.chance(0.1),
      options: {
        maxBytes: draws.pick([MIN_BYTES, MAX_BYTES, 0xffff_ffff]),
        blockSize: draws.below(4),
        separationMs: draws.pick([0, 0.1, 20]),
        maxWaitFrames: draws.below(4),
        maxWaitFramesSent: draws.below(4),
        duplex: draws.pick(['full', 'half'] as const),
        padding: draws.chance(0.5) ? 0xcc : undefined,
        fd: draws.chance(0.3) ? { txDl: draws.pick(LENGTHS), bitrateSwitch: true } : undefined,
      },
    }
  },
  async take({ address, options, sends, paused, frames }) {
    const clock = new VirtualClock()
    const line = createVirtualLine(clock, { logFrames: 0 })
    const link = openIsoTp(line.a, address, { ...options, clock })
    const faults: Error[] = []
    const heard: Uint8Array[] = []
    link.onFault((fault) => faults.push(fault))
    link.onMessage((payload) => heard.push(payload))
    if (paused) link.pause()
    const sent = sends > 0 ? link.send(new Uint8Array(sends)) : Promise.resolve()
    const outcome = sent.catch((error: unknown) => void faults.push(error as Error))
    for (const { data, pauseUs } of frames) {
      await line.b.send({ id: 0x6a8, extended: false, data, fd: data.length > 8 })
      if (pauseUs > 0) await clock.advance(pauseUs)
    }
    await clock.run(outcome)
    await clock.advance()
    requireRest(heard, frames)
    await requireSound(address, link, clock, line.b)
    link.close()
    const fault = faults.find((error) => !(error instanceof IsoTpError)) ?? faults[0]
    if (fault) throw fault
  },
  show: ({ frames, ...rest }) =>
    JSON.stringify({
      ...rest,
      frames: frames.map(({ data, pauseUs }) => `${Buffer.from(data).toString('hex')} +${pauseUs}`),
    }),
}

/** No more can have been received than was sent. */
function requireRest(heard: readonly Uint8Array[], frames: readonly StrayFrame[]): void {
  const came = frames.reduce((sum, { data }) => sum + data.length, 0)
  const taken = heard.reduce((sum, { length }) => sum + length, 0)
  if (taken > came) throw new Error(`${taken} bytes were received of ${came} that came`)
}

async function requireSound(
  address: IsoTpAddress,
  link: ReturnType<typeof openIsoTp>,
  clock: VirtualClock,
  peer: ReturnType<typeof createVirtualLine>['b'],
): Promise<void> {
  const before: Uint8Array[] = []
  const unsubscribe = link.onMessage((payload) => before.push(payload))
  const data = Uint8Array.of(...frontOf(address), SOUND.length, ...SOUND)
  await peer.send({ id: 0x6a8, extended: false, data })
  await clock.advance()
  unsubscribe()
  if (!before.some((payload) => Buffer.compare(payload, SOUND) === 0)) {
    throw new Error('a sound message after the garbage was not received')
  }
  await clock.run(link.send(SOUND))
}
