import { existsSync } from 'node:fs'
import { seededRandom } from '../../simulated/seeded-random.js'
import { rowFigures, ratioOf, type BusRow, type RowFigures } from './bus-row.js'
import type { Implementation } from './measured-process.js'
import { measureBus, type BusFigures, type MeasuredBus } from './measure-bus.js'
import type { PlannedFrame } from './measurement.js'

/** One bus of ours beside the bus of python-can's that does the same. */
export interface BusPair {
  readonly ours: string
  readonly theirs: string
  readonly lockstep: MeasuredBus
  readonly pythonCan: MeasuredBus
  /** So many frames are a second or so of this bus. */
  readonly floodFrames: number
  /** Gentle enough for the slower side: latency is not to be that of a backlog. */
  readonly stream: { readonly framesPerSecond: number; readonly frames: number; readonly warmUp: number }
}

/** Floods and streams, in turn. */
const ROUNDS = 3
/** Both sides are measured warm: before some 3,000 frames V8 still compiles, on the processor that it measures. */
const STREAM = { framesPerSecond: 1_000, frames: 2_000, warmUp: 3_000 }
/** For a back end of several processes: an emulated kernel on one processor has them all in turn. */
const PIPE_STREAM = { framesPerSecond: 100, frames: 400, warmUp: 100 }
const SEED = 20_261_124
const DISTINCT_FRAMES = 1_000

/** The frames that every row sends: 8 bytes, 11-bit ids. */
export function benchmarkFrames(): PlannedFrame[] {
  const random = seededRandom(SEED)
  const below = (limit: number) => Math.floor(random() * limit)
  return Array.from({ length: DISTINCT_FRAMES }, () => ({
    id: below(0x7f0),
    extended: false,
    data: Buffer.from(Array.from({ length: 8 }, () => below(256))).toString('hex'),
  }))
}

/** Buses that need no kernel CAN. */
export function userSpacePairs(): BusPair[] {
  // A time to live of 0: the datagrams never leave this machine.
  const [group, ports] = ['239.74.163.2', { lockstep: 43_217, pythonCan: 43_218 }]
  return [
    {
      ours: 'memory:',
      theirs: 'virtual',
      lockstep: { address: {}, inProcess: true },
      pythonCan: { address: { interface: 'virtual', channel: 'bench' }, inProcess: true },
      floodFrames: 200_000,
      stream: STREAM,
    },
    {
      ours: 'udp:',
      theirs: 'udp_multicast',
      lockstep: { address: `udp://${group}:${ports.lockstep}?hops=0`, inProcess: false },
      pythonCan: {
        address: { interface: 'udp_multicast', channel: group, port: ports.pythonCan },
        inProcess: false,
      },
      floodFrames: 100_000,
      stream: STREAM,
    },
  ]
}

/** An interface of this kernel, by each back end that is asked for. */
export function kernelPairs(name: string, backEnds: readonly string[]): BusPair[] {
  return backEnds.map((backEnd) => ({
    ours: `socketcan:${name}?backend=${backEnd}`,
    theirs: 'socketcan',
    lockstep: { address: `socketcan:${name}?backend=${backEnd}`, inProcess: false },
    pythonCan: { address: { interface: 'socketcan', channel: name }, inProcess: false },
    floodFrames: 10_000,
    stream: backEnd === 'pipe' ? PIPE_STREAM : STREAM,
  }))
}

/** Debian's python3-can, and what its udp_multicast needs. */
export const pythonCanIsHere = () =>
  ['can', 'msgpack'].every((name) => existsSync(`/usr/lib/python3/dist-packages/${name}`))

/** Measures a pair, the two in turn, so that a busy hour of the machine meets both. */
export async function measurePair(pair: BusPair, progress: (what: string) => void): Promise<BusRow> {
  const frames = benchmarkFrames()
  const sides: readonly (readonly [Implementation, MeasuredBus, string])[] = [
    ['lockstep', pair.lockstep, pair.ours],
    ...(pythonCanIsHere() ? [['python-can', pair.pythonCan, `python-can ${pair.theirs}`] as const] : []),
  ]
  const measured = new Map(
    sides.map(([name]) => [name, { floods: [] as BusFigures[], streams: [] as BusFigures[] }]),
  )
  const flood = { frames, count: pair.floodFrames, framesPerSecond: 0, stamped: false, warmUp: 0 }
  const stream = {
    frames,
    count: pair.stream.warmUp + pair.stream.frames,
    framesPerSecond: pair.stream.framesPerSecond,
    stamped: true,
    warmUp: pair.stream.warmUp,
  }
  for (let round = 1; round <= ROUNDS; round++) {
    for (const [name, bus, title] of sides) {
      progress(`flood and latency of ${title}, ${round} of ${ROUNDS}`)
      measured.get(name)?.floods.push(await measureBus(name, bus, flood))
      measured.get(name)?.streams.push(await measureBus(name, bus, stream))
    }
  }
  const [lockstep, pythonCan] = (['lockstep', 'python-can'] as const).map((name) => {
    const runs = measured.get(name)
    return runs && rowFigures(runs.floods, runs.streams)
  }) as [RowFigures, RowFigures | undefined]
  return {
    ours: pair.ours,
    theirs: pair.theirs,
    lockstep,
    ...(pythonCan && { pythonCan, ratio: ratioOf(lockstep, pythonCan) }),
  }
}
