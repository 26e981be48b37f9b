import { execFileSync } from 'node:child_process'
import { cpus } from 'node:os'
import { measureLimit, LIMIT_BITRATES, type LimitRow } from './bus-limits.js'
import { measurePair, pythonCanIsHere, userSpacePairs } from './bus-pairs.js'
import type { BusRow } from './bus-row.js'
import { measureCodec, type CodecRow } from './codec-speed.js'
import { measureKernel, type KernelSource } from './measure-kernel.js'
import { measureIsoTpRows, type IsoTpRow } from './iso-tp-rows.js'

export interface CanBenchmark {
  readonly machine: { readonly processor: string; readonly cores: number; readonly node: string }
  /** What was compared with, or how to get it. */
  readonly pythonCan: string
  /** Ours beside python-can's on the same frames; the kernel's rows name the kernel that they were measured on. */
  readonly buses: readonly BusRow[]
  readonly limits: readonly LimitRow[]
  readonly kernel: KernelSource
  readonly codec: readonly CodecRow[]
  readonly isoTp: readonly IsoTpRow[]
}

function pythonCanVersion(): string {
  if (!pythonCanIsHere()) {
    return 'not here: apt-get install -y --no-install-recommends python3-can python3-msgpack'
  }
  const script = 'import can, platform; print(can.__version__, "on Python", platform.python_version())'
  return execFileSync('/usr/bin/python3', ['-c', script], { encoding: 'utf8' }).trim()
}

/** Measures the CAN layer; takes about four minutes. */
export async function benchmarkCan(progress: (what: string) => void): Promise<CanBenchmark> {
  const buses: BusRow[] = []
  const limits: LimitRow[] = []
  for (const pair of userSpacePairs()) {
    buses.push(await measurePair(pair, progress))
    for (const bitrate of LIMIT_BITRATES) {
      progress(`the most that ${bitrate / 1_000} kbit/s can carry on ${pair.ours}`)
      const address = pair.lockstep.inProcess ? { address: { bitrate }, inProcess: true } : pair.lockstep
      limits.push(await measureLimit(pair.ours, address, bitrate))
    }
  }
  const { rows, kernel } = await measureKernel(progress)
  progress('codec and ISO-TP')
  return {
    machine: { processor: cpus()[0]?.model ?? 'unknown', cores: cpus().length, node: process.version },
    pythonCan: pythonCanVersion(),
    buses: [...buses, ...(rows?.buses ?? [])],
    limits: [...limits, ...(rows?.limits ?? [])],
    kernel,
    codec: measureCodec(),
    isoTp: await measureIsoTpRows(),
  }
}
