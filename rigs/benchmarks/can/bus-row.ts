import type { BusFigures } from './measure-bus.js'
import { median } from '../percentile.js'

/** Throughput from the floods, latency from the gentle streams: the median of the rounds. */
export interface RowFigures {
  /** That arrived. */
  readonly framesPerSecond: number
  /** Of all floods. */
  readonly floodSent: number
  readonly floodLost: number
  readonly p50Us: number
  readonly p99Us: number
}

/** Above 1 where Lockstep is ahead: more frames a second, or less latency. */
export interface RowRatio {
  readonly framesPerSecond: number
  readonly p50: number
  readonly p99: number
}

export interface BusRow {
  readonly ours: string
  readonly theirs: string
  readonly lockstep: RowFigures
  /** Undefined where python-can is not on this machine. */
  readonly pythonCan?: RowFigures
  readonly ratio?: RowRatio
}

export function rowFigures(floods: readonly BusFigures[], streams: readonly BusFigures[]): RowFigures {
  const sum = (pick: (figures: BusFigures) => number) => floods.reduce((total, each) => total + pick(each), 0)
  return {
    framesPerSecond: median(floods.map(({ framesPerSecond }) => framesPerSecond)),
    floodSent: sum(({ sent }) => sent),
    floodLost: sum(({ sent, received }) => sent - received),
    p50Us: median(streams.map(({ p50Us }) => p50Us ?? Number.NaN)),
    p99Us: median(streams.map(({ p99Us }) => p99Us ?? Number.NaN)),
  }
}

export const ratioOf = (lockstep: RowFigures, pythonCan: RowFigures): RowRatio => ({
  framesPerSecond: lockstep.framesPerSecond / pythonCan.framesPerSecond,
  p50: pythonCan.p50Us / lockstep.p50Us,
  p99: pythonCan.p99Us / lockstep.p99Us,
})
