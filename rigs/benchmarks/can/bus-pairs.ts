import { existsSync } from 'node:fs'
import { seededRandom } from '../../simulated/seeded-random.js'
import type { Implementation } from './measured-process.js'
import { measureBus, type BusFigures, type MeasuredBus } from './measure-bus.js'
import type { PlannedFrame } from './measurement.js'

/** One bus of ours beside the bus of python-can's that does the same. */
export interface BusPair {
  readonly ours: string
  readonly theirs: string
  readonly lockstep: MeasuredBus
  readonly pythonCan: MeasuredBus
}

export interface BusRow {
  readonly ours: string
  readonly theirs: string
  readonly lockstep: RowFigures
  /** Undefined where python-can is not on this machine. */
  readonly pythonCan?: RowFigures
  /** Above 1 where Lockstep is ahead: more frames a second, or less latency. */
  readonly ratio?: { readonly framesPerSecond: number; readonly p50: number; readonly p99: number }
}

/** Throughput from the flood, latency from the gentle stream. */
export interface RowFigures {
  readonly framesPerSecond: number
  readonly floodReceived: number
  readonly floodSent: number
  readonly p50Us: number
  readonly p99Us: number
}

const FLOOD_FRAMES = 30_000
const FLOODS = 3
const STREAM_FRAMES = 2_000
const STREAM_FRAMES_PER_SECOND = 1_000
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
    },
    {
      ours: 'udp:',
      theirs: 'udp_multicast',
      lockstep: { address: `udp://${group}:${ports.lockstep}?hops=0`, inProcess: false },
      pythonCan: {
        address: { interface: 'udp_multicast', channel: group, port: ports.pythonCan },
        inProcess: false,
      },
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
  }))
}

export const pythonCanIsHere = () => existsSync('/usr/lib/python3/dist-packages/can')

const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

function rowFigures(floods: readonly BusFigures[], stream: BusFigures): RowFigures {
  const sum = (pick: (figures: BusFigures) => number) => floods.reduce((total, each) => total + pick(each), 0)
  return {
    framesPerSecond: median(floods.map(({ framesPerSecond }) => framesPerSecond)),
    floodReceived: sum(({ received }) => received),
    floodSent: sum(({ sent }) => sent),
    p50Us: stream.p50Us ?? Number.NaN,
    p99Us: stream.p99Us ?? Number.NaN,
  }
}

/** Measures a pair, the two in turn, so that a busy hour of the machine meets both. */
export async function measurePair(pair: BusPair, progress: (what: string) => void): Promise<BusRow> {
  const frames = benchmarkFrames()
  const sides: readonly (readonly [Implementation, MeasuredBus])[] = [
    ['lockstep', pair.lockstep],
    ...(pythonCanIsHere() ? [['python-can', pair.pythonCan] as const] : []),
  ]
  const floods = new Map<Implementation, BusFigures[]>(sides.map(([name]) => [name, []]))
  for (let round = 1; round <= FLOODS; round++) {
    for (const [name, bus] of sides) {
      progress(
        `${name === 'lockstep' ? pair.ours : `python-can ${pair.theirs}`}: flood ${round} of ${FLOODS}`,
      )
      const flood = { frames, count: FLOOD_FRAMES, framesPerSecond: 0, stamped: false }
      floods.get(name)?.push(await measureBus(name, bus, flood))
    }
  }
  const rows = new Map<Implementation, RowFigures>()
  for (const [name, bus] of sides) {
    progress(`${name === 'lockstep' ? pair.ours : `python-can ${pair.theirs}`}: latency`)
    const traffic = {
      frames,
      count: STREAM_FRAMES,
      framesPerSecond: STREAM_FRAMES_PER_SECOND,
      stamped: true,
    }
    rows.set(name, rowFigures(floods.get(name) ?? [], await measureBus(name, bus, traffic)))
  }
  const [lockstep, pythonCan] = [rows.get('lockstep') as RowFigures, rows.get('python-can')]
  return {
    ours: pair.ours,
    theirs: pair.theirs,
    lockstep,
    ...(pythonCan && {
      pythonCan,
      ratio: {
        framesPerSecond: lockstep.framesPerSecond / pythonCan.framesPerSecond,
        p50: pythonCan.p50Us / lockstep.p50Us,
        p99: pythonCan.p99Us / lockstep.p99Us,
      },
    }),
  }
}
