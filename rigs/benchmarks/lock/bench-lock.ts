import { cpus } from 'node:os'
import type { FirmwareKind } from '../../drivers/arduino/identify-firmware.js'
import { median } from '../percentile.js'
import { measureBoard, type BoardRow } from './measure-board.js'
import { runOnVirtualBoard } from './measure-ours.js'
import { buildSimavr } from './measure-simavr.js'
import { servoAndTwoChannels, type SimulatorRun } from './workload.js'

const FIRMWARES: readonly FirmwareKind[] = ['standard-firmata', 'lockstep']

/** Each simulator runs so often, one after the other in turn: the machine's moods strike both. */
const ROUNDS = 3

/** How fast a chip of 16 MHz is simulated on one core, with the servo and two ADC channels at work. */
export interface SpeedRow {
  readonly firmware: FirmwareKind
  /** Multiples of real time, by processor time; medians. */
  readonly lockstep: number
  readonly simavr: number | null
  /** How far Lockstep is ahead. */
  readonly ratio: number | null
  /** What the chip did meanwhile, the same number of times on both. */
  readonly bytesSent: { readonly lockstep: number; readonly simavr: number | null }
  readonly servoPulses: { readonly lockstep: number; readonly simavr: number | null }
}

export interface LockBenchmark {
  readonly machine: { readonly processor: string; readonly cores: number; readonly node: string }
  readonly simavr: 'here' | { readonly unavailable: string }
  readonly speed: readonly SpeedRow[]
  readonly boards: readonly BoardRow[]
}

/** Measures the virtual board beside simavr, where it is here, in the same run; takes about a minute. */
export async function benchmarkLock(progress: (what: string) => void): Promise<LockBenchmark> {
  const simavr = buildSimavr()
  const speed: SpeedRow[] = []
  try {
    for (const firmware of FIRMWARES) {
      progress(`simulated speed with ${firmware}`)
      const workload = servoAndTwoChannels(firmware)
      const ours: SimulatorRun[] = []
      const theirs: SimulatorRun[] = []
      for (let round = 0; round < ROUNDS; round++) {
        ours.push(runOnVirtualBoard(workload))
        if ('run' in simavr) theirs.push(simavr.run(workload))
      }
      speed.push(speedRow(firmware, workload.measuredMs / 1_000, ours, theirs))
    }
  } finally {
    if ('close' in simavr) simavr.close()
  }
  const boards: BoardRow[] = []
  for (const firmware of FIRMWARES) {
    progress(`a board process with ${firmware}`)
    boards.push(await measureBoard(firmware))
  }
  return {
    machine: { processor: cpus()[0]?.model ?? 'unknown', cores: cpus().length, node: process.version },
    simavr: 'unavailable' in simavr ? simavr : 'here',
    speed,
    boards,
  }
}

function speedRow(
  firmware: FirmwareKind,
  seconds: number,
  ours: readonly SimulatorRun[],
  theirs: readonly SimulatorRun[],
): SpeedRow {
  const speedOf = (runs: readonly SimulatorRun[]) =>
    runs.length === 0 ? null : seconds / median(runs.map(({ processorSeconds }) => processorSeconds))
  const lockstep = speedOf(ours) ?? 0
  const simavr = speedOf(theirs)
  const count = (name: 'bytesSent' | 'servoPulses') => ({
    lockstep: ours[0]?.[name] ?? 0,
    simavr: theirs[0]?.[name] ?? null,
  })
  return {
    firmware,
    lockstep,
    simavr,
    ratio: simavr === null ? null : lockstep / simavr,
    bytesSent: count('bytesSent'),
    servoPulses: count('servoPulses'),
  }
}
